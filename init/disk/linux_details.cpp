#include "init/disk/linux_details.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "init/disk/printable.hpp"
#include "init/disk/read_bytes.hpp"
#include "init/disk/sysfs.hpp"
#include "init/sys/inside.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t most_names = 256;  // of a folder
constexpr std::size_t most_boot_files = 32;

std::string read_head(const Fd& root, const std::string& path, std::size_t size) {
  const auto file = open_below(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat status {};
  if (!file || ::fstat(file->get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  return read_bytes(*file, 0, size).value_or("");
}

std::string find_architecture(const Fd& root) {
  // The first three are in every distribution; the rest in small ones.
  for (const char* path : {"usr/bin/env", "bin/sh", "usr/lib/systemd/systemd", "lib/systemd/systemd", "sbin/init",
                           "bin/bash", "bin/busybox", "usr/bin/bash"})
    if (std::string architecture = elf_architecture(read_head(root, path, 64)); !architecture.empty())
      return architecture;
  return {};
}

bool is_release(std::string_view name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) != 0 && !name.starts_with("0-rescue");
}

/// The releases that kernel images in a folder are named by.
std::vector<std::string> kernel_images(const Fd& root, const std::string& folder) {
  std::vector<std::string> releases;
  for (const std::string& name : list_below(root, folder, most_names))
    for (const std::string_view prefix : {"vmlinuz-", "vmlinux-", "kernel-", "Image-"})
      if (name.starts_with(prefix) && is_release(std::string_view(name).substr(prefix.size())))
        releases.push_back(printable(std::string_view(name).substr(prefix.size())));
  return releases;
}

std::vector<std::string> find_kernels(const Fd& root) {
  std::vector<std::string> releases = kernel_images(root, "boot");
  for (const char* folder : {"usr/lib/modules", "lib/modules"})
    for (const std::string& name : list_below(root, folder, most_names))
      if (is_release(name)) releases.push_back(printable(name));
  sort_kernels(releases);
  return releases;
}

std::string find_machine_id(const Fd& root) {
  const std::string id = printable_trimmed(read_below(root, "etc/machine-id", 256).value_or(""));
  const auto is_hex = [](unsigned char c) { return std::isxdigit(c) != 0; };
  return id.size() == 32 && std::all_of(id.begin(), id.end(), is_hex) ? id : "";
}

/// A line "KEY=value" of a file of such lines; the last counts.
std::string setting(std::string_view text, std::string_view key) {
  std::string value;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with(key) && line.substr(key.size()).starts_with('='))
      value = printable_trimmed(line.substr(key.size() + 1));
  }
  return value;
}

/// Its mode counts only where the policy that it names is there.
std::string find_selinux(const Fd& root) {
  const std::string text = read_below(root, "etc/selinux/config", 65536).value_or("");
  std::string mode = setting(text, "SELINUX");
  const std::string type = setting(text, "SELINUXTYPE");
  const bool known = mode == "enforcing" || mode == "permissive" || mode == "disabled";
  if (!known || type.empty() || type.find('/') != std::string::npos) return {};
  return list_below(root, "etc/selinux/" + type + "/policy", 1).empty() ? "" : mode;
}

void add_efi_folders(const Fd& root, const std::string& folder, std::vector<std::string>& found) {
  for (const std::string& name : list_below(root, folder, most_names)) {
    if (found.size() >= most_boot_files) return;
    if (has_folder_below(root, folder + "/" + name)) found.push_back("EFI/" + printable(name, 60));
  }
  if (has_file_below(root, folder + "/Microsoft/Boot/BCD")) found.emplace_back("Windows Boot Manager");
}

struct BootFile {
  const char* path;
  const char* loader;
};

constexpr std::array boot_files = {
    BootFile{"grub2/grub.cfg", "GRUB 2"},           BootFile{"grub/grub.cfg", "GRUB 2"},
    BootFile{"loader/loader.conf", "systemd-boot"}, BootFile{"extlinux/extlinux.conf", "extlinux"},
    BootFile{"syslinux/syslinux.cfg", "syslinux"},  BootFile{"grub/menu.lst", "GRUB 0.97"},
    BootFile{"Boot/BCD", "Windows Boot Manager"},
};

}  // namespace

std::string elf_architecture(std::string_view header) {
  if (!header.starts_with("\x7f"
                          "ELF") ||
      header.size() < 20)
    return {};
  const bool little = header[5] == 1;
  const bool wide = header[4] == 2;
  const std::uint64_t machine = little ? little_endian(header, 18, 2) : big_endian(header, 18, 2);
  switch (machine) {  // /usr/include/elf.h
    case 62:
      return "x86_64";
    case 3:
      return "i686";
    case 183:
      return "aarch64";
    case 40:
      return "armv7l";
    case 21:
      return little ? "ppc64le" : "ppc64";
    case 22:
      return "s390x";
    case 243:
      return wide ? "riscv64" : "riscv32";
    case 258:
      return "loongarch64";
    case 8:
      return wide ? "mips64" : "mips";
    default:
      return {};
  }
}

void sort_kernels(std::vector<std::string>& kernels) {
  // Digits by their value, as the names of devices are put in order.
  std::ranges::sort(kernels, [](const auto& left, const auto& right) { return position_before(right, left); });
  kernels.erase(std::unique(kernels.begin(), kernels.end()), kernels.end());
  if (kernels.size() > most_kernels) kernels.resize(most_kernels);
}

std::vector<std::string> find_boot_files(const Fd& root) {
  std::vector<std::string> found;
  for (const BootFile& file : boot_files)
    if (has_file_below(root, file.path) && std::ranges::find(found, file.loader) == found.end())
      found.emplace_back(file.loader);
  if (std::ranges::find(found, "systemd-boot") == found.end() && !list_below(root, "loader/entries", 1).empty())
    found.emplace_back("boot entries (BLS)");
  add_efi_folders(root, "EFI", found);
  std::vector<std::string> kernels = kernel_images(root, ".");
  sort_kernels(kernels);
  for (const std::string& kernel : kernels)
    if (found.size() < most_boot_files) found.push_back("Linux " + kernel);
  return found;
}

void add_linux_details(const Fd& root, OperatingSystem& system) {
  system.architecture = find_architecture(root);
  system.kernels = find_kernels(root);
  system.machine_id = find_machine_id(root);
  system.selinux = find_selinux(root);
  for (const BootFile& file : boot_files)
    if (system.boot_loader.empty() && has_file_below(root, "boot/" + std::string(file.path)))
      system.boot_loader = file.loader;
  if (system.boot_loader.empty() && has_file_below(root, "etc/lilo.conf")) system.boot_loader = "LILO";
}

}  // namespace lifeboat::init
