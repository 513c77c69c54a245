// The original's own tools make its initramfs and its boot loader anew, in the chroot.
#include <unistd.h>

#include <algorithm>

#include "init/disk/fstab.hpp"
#include "init/disk/fstab_devices.hpp"
#include "init/disk/printable.hpp"
#include "init/rescue/check.hpp"
#include "init/rescue/chroot.hpp"
#include "init/rescue/disks_now.hpp"
#include "init/rescue/fix.hpp"
#include "init/rescue/say.hpp"
#include "init/sys/inside.hpp"
#include "init/sys/mount.hpp"

namespace lifeboat::init {
namespace {

using Commands = std::vector<std::vector<std::string>>;

std::optional<std::string> program(const Original& original, const char* name) {
  auto found = find_program(original, name);
  return found ? std::optional(*found) : std::nullopt;
}

/// What lies in a folder below a mount point that is missing is hidden once the system has started.
Status check_mounted(const Original& original, const std::vector<std::string>& points) {
  OperatingSystem system;
  parse_fstab(read_below(original.root, "etc/fstab", std::size_t{1} << 20).value_or(""), system);
  const auto root = stat_below(original.root, "/");
  for (const FstabEntry& entry : system.fstab) {
    if (std::ranges::find(points, entry.point) == points.end() || has_option(entry, "noauto")) continue;
    const auto there = stat_below(original.root, entry.point);
    if (root && there && there->st_dev == root->st_dev)
      return Failure{"the original's " + entry.point +
                     " is not mounted\nhint: `rescue check` says what its fstab lacks; `mount " +
                     printable(entry.spec) + " " + original.at + entry.point + "` mounts it by hand"};
  }
  return Done{};
}

/// Releases that have modules, and so a kernel, but no initramfs as Debian names them.
std::vector<std::string> without_initramfs(const Original& original) {
  std::vector<std::string> releases;
  for (const std::string& name : list_below(original.root, "boot"))
    if (name.starts_with("vmlinuz-") && has_folder_below(original.root, "lib/modules/" + name.substr(8)) &&
        !stat_below(original.root, "boot/initrd.img-" + name.substr(8)))
      releases.push_back(name.substr(8));
  return releases;
}

bool has_initramfs(const Original& original) {
  return std::ranges::any_of(list_below(original.root, "boot"),
                             [](const std::string& name) { return name.starts_with("initrd.img-"); });
}

std::string quoted(const std::vector<std::string>& argv) {
  std::string line;
  for (const std::string& word : argv) line += (line.empty() ? "" : " ") + word;
  return line;
}

std::string command_lines(const Commands& commands) {
  std::string text;
  for (const auto& command : commands) text += "would run in the original: " + printable(quoted(command), 300) + "\n";
  return text;
}

Result<FixEnd> run_all(const FixRequest& request, const Commands& commands) {
  if (request.dry_run) return FixEnd{true, command_lines(commands), ""};
  for (const auto& command : commands) {
    if (Status right = check_architecture(request.original, command.front()); !right) return right.failure();
    say("+ " + printable(quoted(command), 300) + "\n");
    const auto end = run_in_original(request.original, {.argv = command, .limit = Milliseconds(0), .foreground = true});
    if (!end) return end.failure();
    if (!end->ok()) return Failure{command.front() + ": " + end->words()};
  }
  return FixEnd{true, "", ""};
}

/// The menu's writer, whichever the distribution has.
std::vector<std::string> menu_command(const Original& original) {
  if (const auto update = program(original, "update-grub")) return {*update};
  for (const char* name : {"grub2-mkconfig", "grub-mkconfig"})
    if (const auto make = program(original, name)) {
      const bool two = has_folder_below(original.root, "boot/grub2");
      return {*make, "-o", two ? "/boot/grub2/grub.cfg" : "/boot/grub/grub.cfg"};
    }
  return {};
}

std::string esp_of(const Original& original) {
  for (const char* point : {"boot/efi", "efi", "boot"})
    if (has_folder_below(original.root, std::string(point) + "/EFI")) return std::string("/") + point;
  return "/boot/efi";
}

bool has_grub_for(const Original& original, const std::string& platform) {
  return has_folder_below(original.root, "usr/lib/grub/" + platform) ||
         has_folder_below(original.root, "usr/share/grub2/" + platform);
}

/// The disks that the root lies on, or those that were named.
Result<std::vector<std::string>> choose_disks(const FixRequest& request) {
  if (!request.disks.empty()) return request.disks;
  std::vector<std::string> disks;
  for (const std::string& name : disks_below(find_disks_now(), request.original.device))
    disks.push_back("/dev/" + name);
  if (disks.size() == 1) return disks;
  std::string names;
  for (const std::string& disk : disks) names += (names.empty() ? "" : ",") + disk;
  if (names.empty()) return Failure{"it is not known which disk the root lies on\nhint: name it: --disk /dev/vda"};
  return Failure{"the root lies on several disks, and the machine starts from one of them\nhint: --disk " + names +
                 " puts it on all"};
}

/// Before GRUB's files are replaced, of which its first sectors on the disk are a part.
Status check_writable(const std::vector<std::string>& disks) {
  for (const std::string& disk : disks) {
    const std::string path = real_path(disk);
    const auto read_only = read_file("/sys/class/block/" + path.substr(path.rfind('/') + 1) + "/ro", 16);
    if (read_only && read_only->starts_with("1"))
      return Failure{disk + " is write-protected\nhint: rescue write " + disk + ", then again"};
  }
  return Done{};
}

}  // namespace

Result<std::vector<std::vector<std::string>>> plan_initramfs(const Original& original) {
  if (const auto update = program(original, "update-initramfs")) {
    Commands commands;
    for (const std::string& release : without_initramfs(original)) commands.push_back({*update, "-c", "-k", release});
    if (commands.empty() || has_initramfs(original)) commands.push_back({*update, "-u", "-k", "all"});
    return commands;
  }
  // With drivers for every machine: what the chroot shows of this one need not be what the system finds.
  if (const auto dracut = program(original, "dracut"))
    return Commands{{*dracut, "--force", "--regenerate-all", "--no-hostonly"}};
  if (const auto make = program(original, "mkinitcpio")) return Commands{{*make, "-P"}};
  if (const auto make = program(original, "mkinitfs")) return Commands{{*make}};
  return Failure{"the original has none of update-initramfs, dracut, mkinitcpio and mkinitfs"};
}

Result<std::vector<std::vector<std::string>>> plan_boot_loader(const Original& original, bool efi,
                                                               const std::vector<std::string>& disks) {
  Commands commands;
  const auto menu = menu_command(original);
  if (menu.empty())
    return Failure{
        "the original has no GRUB (update-grub, grub2-mkconfig)\nhint: `rescue chroot` and its own boot loader's tool, "
        "as in bootctl install"};
  const bool has_bios = has_grub_for(original, "i386-pc"), has_efi = has_grub_for(original, "x86_64-efi");
  const auto debian = program(original, "grub-install"), fedora = program(original, "grub2-install");
  const bool by_efi = efi ? has_efi || !has_bios : has_efi && !has_bios;
  if (by_efi && fedora)  // its GRUB for EFI comes signed, from packages alone
    return has_folder_below(original.root, esp_of(original).substr(1) + "/EFI")
               ? Result<Commands>(Commands{menu})
               : Failure{
                     "the boot loader's files on the EFI system partition come from packages\nhint: rescue chroot dnf "
                     "reinstall 'grub2-efi-*' 'shim-*'"};
  if (!debian && !fedora) return Failure{"the original has neither grub-install nor grub2-install"};
  const std::string install = debian ? *debian : *fedora;
  if (by_efi) {
    commands.push_back({install, "--target=x86_64-efi", "--efi-directory=" + esp_of(original)});
    if (!efi) commands.back().emplace_back("--no-nvram");  // this machine has no EFI variables now
  }
  for (const std::string& disk : disks)
    if (!by_efi) commands.push_back({install, "--target=i386-pc", disk});
  commands.push_back(menu);
  return commands;
}

Result<FixEnd> fix_initramfs(const FixRequest& request) {
  if (Status mounted = check_mounted(request.original, {"/boot"}); !mounted) return mounted.failure();
  const auto commands = plan_initramfs(request.original);
  return commands ? run_all(request, *commands) : Result<FixEnd>(commands.failure());
}

Result<FixEnd> fix_boot_loader(const FixRequest& request) {
  if (Status mounted = check_mounted(request.original, {"/boot", "/boot/efi", "/efi"}); !mounted)
    return mounted.failure();
  const bool efi = ::access("/sys/firmware/efi", F_OK) == 0;
  auto commands = plan_boot_loader(request.original, efi, {"DISK"});
  if (!commands) return commands.failure();
  const bool needs_disk = std::ranges::any_of(*commands, [](const auto& argv) { return argv.back() == "DISK"; });
  if (!needs_disk) return run_all(request, *commands);
  const auto disks = choose_disks(request);
  if (!disks) return disks.failure();
  if (Status writable = check_writable(*disks); !writable && !request.dry_run) return writable.failure();
  commands = plan_boot_loader(request.original, efi, *disks);
  return commands ? run_all(request, *commands) : Result<FixEnd>(commands.failure());
}

}  // namespace lifeboat::init
