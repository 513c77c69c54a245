// Kernels, initramfs and boot loaders of the original.
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <set>

#include "init/contract/text.hpp"
#include "init/disk/printable.hpp"
#include "init/disk/read_bytes.hpp"
#include "init/rescue/check.hpp"
#include "init/sys/inside.hpp"
#include "init/sys/mount_table.hpp"

namespace lifeboat::init {
namespace {

constexpr std::array esp_points{"boot/efi", "efi", "boot"};

/// "6.1.0-18-amd64" of "vmlinuz-6.1.0-18-amd64"; empty: no kernel.
std::string release_of(std::string_view name) {
  for (const std::string_view prefix : {"vmlinuz-", "vmlinux-", "Image-", "kernel-"})
    if (name.starts_with(prefix) && !name.ends_with(".old") && name.find(".rescue-") == std::string_view::npos)
      return std::string(name.substr(prefix.size()));
  return {};
}

std::string initramfs_of(const Examined& examined, const std::string& release) {
  for (const std::string& name :
       {"initrd.img-" + release, "initramfs-" + release + ".img", "initrd-" + release, "initramfs-" + release})
    if (stat_below(examined.original.root, "boot/" + name)) return name;
  return {};
}

bool has_modules(const Examined& examined, const std::string& release) {
  if (release.empty() || release[0] < '1' || release[0] > '9') return true;  // "0-rescue-...", "linux": not by release
  return has_folder_below(examined.original.root, "lib/modules/" + release);
}

void add_kernel(const Examined& examined, const std::string& kernel, Findings& findings) {
  const std::string release = release_of(kernel), shown = printable(release);
  const std::string initramfs = initramfs_of(examined, release);
  const std::size_t before = findings.size();
  const auto broken = [&](const std::string& text, const char* hint) {
    findings.push_back({Level::broken, text, hint, ""});
  };
  if (!has_file_below(examined.original.root, "boot/" + kernel))
    broken("/boot/" + printable(kernel) + " is empty", "install its package again, by rescue chroot");
  if (initramfs.empty())
    broken(shown + " has no initramfs", "rescue fix initramfs");
  else if (!has_file_below(examined.original.root, "boot/" + initramfs))
    broken("/boot/" + printable(initramfs) + " is empty", "rescue fix initramfs");
  if (!has_modules(examined, release))
    broken(shown + " has no modules in /lib/modules", "install its package again, by rescue chroot");
  if (findings.size() == before) findings.push_back({Level::ok, shown + " with its initramfs", "", ""});
}

/// Kernels and file systems that a boot loader's files name.
struct Named {
  std::set<std::string, std::less<>> kernels, uuids;
};

/// "UUID" of "root=UUID=..." and "search --fs-uuid ... UUID".
void take_boot_line(std::string_view line, Named& named) {
  const auto words = contract::split_words(line, " \t");
  if (words.empty() || words[0].starts_with('#')) return;
  const bool boots = words[0] == "linux" || words[0] == "linux16" || words[0] == "linuxefi";
  if (boots && words.size() > 1) named.kernels.emplace(words[1]);
  if (words[0] == "search" && line.find("--fs-uuid") != std::string_view::npos) named.uuids.emplace(words.back());
  for (const std::string_view word : words)
    if (boots || words[0] == "options")
      if (word.starts_with("root=UUID=")) named.uuids.emplace(word.substr(10));
}

std::string find_grub_configuration(const Examined& examined) {
  for (const char* path : {"boot/grub/grub.cfg", "boot/grub2/grub.cfg"})
    if (stat_below(examined.original.root, path)) return path;
  return {};
}

/// The boot loader specification's entries, as Fedora's GRUB and systemd-boot have them.
std::vector<std::string> find_entries(const Examined& examined) {
  std::vector<std::string> entries;
  for (const char* folder : {"boot/loader/entries", "boot/efi/loader/entries", "efi/loader/entries"})
    for (const std::string& name : list_below(examined.original.root, folder, 64))
      if (name.ends_with(".conf")) entries.push_back(folder + ("/" + name));
  return entries;
}

/// Paths are of the file system that the boot loader reads: the root's, or one of its own.
bool is_there(const Examined& examined, const std::string& kernel) {
  if (kernel.find('$') != std::string::npos || kernel.find('(') != std::string::npos) return true;  // grub's variables
  std::string path = kernel;
  if (path.starts_with("/@"))
    path = path.substr(path.find('/', 1) == std::string::npos ? 0 : path.find('/', 1));  // btrfs
  return std::ranges::any_of(std::array{"", "boot/", "boot/efi/", "efi/"},
                             [&](const char* folder) { return has_file_below(examined.original.root, folder + path); });
}

void check_named(const Examined& examined, const Named& named, Findings& findings) {
  for (const std::string& kernel : named.kernels)
    if (!is_there(examined, kernel))
      findings.push_back({Level::broken, "the boot menu names the kernel " + printable(kernel) + ", which is not there",
                          "rescue fix boot-loader", ""});
  for (const std::string& uuid : named.uuids)
    if (uuid.find('$') == std::string::npos && !has_file_system(examined.disks, uuid))
      findings.push_back({Level::broken,
                          "the boot loader looks for the file system " + printable(uuid) + ", which is not here",
                          "rescue fix boot-loader", ""});
}

/// A BIOS starts what is in the first sector; GRUB's has its name in it.
bool has_grub_in_first_sector(const Disk& disk) {
  const auto device = open_file(disk.path, O_RDONLY | O_NONBLOCK);
  const auto sector = device ? read_bytes(*device, 0, 512) : std::nullopt;
  return sector && sector->find("GRUB") != std::string::npos;
}

bool has_partition(const Disk& disk, std::string_view type_name) {
  return std::ranges::find(disk.partitions, type_name, &Partition::type_name) != disk.partitions.end();
}

void check_bios(const Examined& examined, const std::string& grub_folder, Findings& findings) {
  const auto disk = std::ranges::find(examined.disks.disks, examined.disks.original, &Disk::name);
  if (examined.efi || disk == examined.disks.disks.end()) return;
  if (!has_grub_in_first_sector(*disk))
    findings.push_back({Level::broken,
                        "no GRUB in the first sector of " + disk->path + ", and this machine starts by BIOS",
                        "rescue fix boot-loader", ""});
  else if (!has_file_below(examined.original.root, grub_folder + "/i386-pc/core.img"))
    findings.push_back(
        {Level::warning, "/" + grub_folder + "/i386-pc/core.img is missing", "rescue fix boot-loader", ""});
  if (disk->table == "gpt" && !has_partition(*disk, "BIOS boot"))
    findings.push_back({Level::warning, disk->path + " has a GPT without a BIOS boot partition", "", ""});
}

/// Loaders in a folder, one deep: "EFI/debian/shimx64.efi".
std::vector<std::string> find_loaders(const Examined& examined, const std::string& esp) {
  std::vector<std::string> loaders;
  const Fd& root = examined.original.root;
  for (const std::string& vendor : list_below(root, esp + "/EFI", 64))
    for (const std::string& file : list_below(root, esp + "/EFI/" + vendor, 64)) {
      const bool loader = file.size() > 4 && (file.ends_with(".efi") || file.ends_with(".EFI"));
      if (loader && has_file_below(root, esp + "/EFI/" + vendor + "/" + file)) loaders.push_back(vendor + "/" + file);
    }
  return loaders;
}

std::string find_esp(const Examined& examined) {
  for (const char* point : esp_points)
    if (has_folder_below(examined.original.root, std::string(point) + "/EFI")) return point;
  return {};
}

}  // namespace

Findings check_kernels(const Examined& examined) {
  Findings findings;
  for (const std::string& name : list_below(examined.original.root, "boot"))
    if (!release_of(name).empty()) add_kernel(examined, name, findings);
  const std::string esp = find_esp(examined);
  const auto images = list_below(examined.original.root, (esp.empty() ? "efi" : esp) + "/EFI/Linux", 64);
  for (const std::string& name : images) findings.push_back({Level::ok, "unified image " + printable(name), "", ""});
  if (findings.empty())
    findings.push_back(
        {Level::broken, "there is no kernel in /boot",
         "is /boot a file system of its own that is not mounted? Else install a kernel's package, by rescue chroot",
         ""});
  return findings;
}

Findings check_grub(const Examined& examined) {
  const std::string configuration = find_grub_configuration(examined);
  const auto entries = find_entries(examined);
  Findings findings;
  if (configuration.empty() && entries.empty() && find_esp(examined).empty())
    return {
        {Level::broken, "there is neither a grub.cfg nor another boot loader's entry", "rescue fix boot-loader", ""}};
  Named named;
  const auto take = [&](std::string_view line, unsigned) { take_boot_line(line, named); };
  if (!configuration.empty()) each_line(text_of(examined, configuration), take);
  for (const std::string& entry : entries) each_line(text_of(examined, entry), take);
  if (!configuration.empty() && !has_file_below(examined.original.root, configuration))
    findings.push_back({Level::broken, "/" + configuration + " is empty", "rescue fix boot-loader", ""});
  else if (named.kernels.empty() && !configuration.empty())
    findings.push_back({Level::broken, "the boot menu has no kernel", "rescue fix boot-loader", ""});
  check_named(examined, named, findings);
  if (!configuration.empty()) check_bios(examined, configuration.substr(0, configuration.rfind('/')), findings);
  const std::string what = configuration.empty() ? std::to_string(entries.size()) + " entries" : "/" + configuration;
  if (findings.empty()) findings.push_back({Level::ok, what + ": kernels and file systems are there", "", ""});
  return findings;
}

Findings check_esp(const Examined& examined) {
  const std::string esp = find_esp(examined);
  if (esp.empty() && !examined.efi) return {{Level::ok, "none is needed: this machine starts by BIOS", "", ""}};
  if (esp.empty())
    return {{Level::broken, "no EFI system partition is mounted, and this machine starts by EFI",
             "is it in the fstab? rescue disks shows it", ""}};
  Findings findings;
  const auto loaders = find_loaders(examined, esp);
  const std::string point = examined.original.at + "/" + esp;
  for (const MountEntry& mount : read_mount_table())
    if (mount.point == point && mount.type != "vfat")
      findings.push_back({Level::broken, "/" + esp + " is " + mount.type + ": firmware reads FAT alone", "", ""});
  if (loaders.empty())
    findings.push_back({examined.efi ? Level::broken : Level::warning, "/" + esp + "/EFI has no boot loader",
                        "rescue fix boot-loader", ""});
  else if (findings.empty())
    findings.push_back({Level::ok,
                        "/" + esp + ": " + printable(loaders.front()) +
                            (loaders.size() > 1 ? " and " + std::to_string(loaders.size() - 1) + " more" : ""),
                        "", ""});
  return findings;
}

}  // namespace lifeboat::init
