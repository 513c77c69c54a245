#include "init/disk/look_inside.hpp"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string_view>
#include <thread>

#include "init/disk/file_systems.hpp"
#include "init/disk/linux_details.hpp"
#include "init/disk/ntfs.hpp"
#include "init/disk/operating_system.hpp"
#include "init/disk/printable.hpp"
#include "init/disk/roles.hpp"
#include "init/disk/superblock.hpp"
#include "init/sys/read_only_mount.hpp"

namespace lifeboat::init {
namespace {

/// Linux keeps a list of the btrfs devices it has seen, one for each UUID, and refuses a clone of one that is mounted,
/// and an older clone of any other. Takes the device off that list, in memory; an empty path: all that are not mounted.
void forget_btrfs(const std::string& path) {
  const auto control = open_file("/dev/btrfs-control", O_RDWR);
  if (!control) return;
  btrfs_ioctl_vol_args arguments{};
  std::snprintf(arguments.name, sizeof arguments.name, "%s", path.c_str());
  ::ioctl(control->get(), BTRFS_IOC_FORGET_DEV, &arguments);
}

void add_fullness(const std::string& what, std::uint64_t used, std::uint64_t free, Content& content) {
  constexpr std::uint64_t full = 95;  // per cent
  if (used >> 56U != 0 || free >> 56U != 0 || used == 0) return;
  const std::uint64_t percent = (used * 100 + used + free - 1) / (used + free);
  if (percent >= full)
    content.care.push_back("its " + what + (what == "space" ? " is " : " are ") + std::to_string(percent) + " % used");
}

void measure(const Fd& root, Content& content) {
  struct statvfs status {};
  if (::fstatvfs(root.get(), &status) != 0) return;
  content.size = std::uint64_t{status.f_blocks} * status.f_frsize;
  content.used = std::uint64_t{status.f_blocks - status.f_bfree} * status.f_frsize;
  // As df counts: what is kept for root is no space for others.
  add_fullness("space", status.f_blocks - status.f_bfree, status.f_bavail, content);
  if (status.f_files != 0) add_fullness("inodes", status.f_files - status.f_ffree, status.f_ffree, content);
}

/// Where distributions keep their root on btrfs: the top, or a subvolume of these names.
constexpr std::array<const char*, 4> btrfs_roots = {".", "@", "@rootfs", "root"};

void find_system(const Fd& root, Content& content) {
  if (content.type != "btrfs") {
    content.system = find_linux(root);
    return;
  }
  for (const char* name : btrfs_roots) {
    const auto folder = open_folder_inside(root, name);
    if (folder) content.system = find_linux(*folder);
    if (!content.system) continue;
    if (name != btrfs_roots.front()) content.system->subvolume = name;
    return;
  }
}

Status read_mounted(const FileSystemKind& kind, const std::string& path, Content& content) {
  const auto held = ReadOnlyDevice::hold(path);
  if (!held) return held.failure();
  const auto root = mount_read_only(path, std::string(kind.kernel_type), kind.options);
  if (!root) return root.failure();
  measure(*root, content);
  if (content.type != "vfat") find_system(*root, content);
  if (!content.system) content.boot = find_boot_files(*root);
  return Done{};
}

/// A clone waits until the look at the other one is over; the kernel offers nothing to wait for.
Status read_lone_btrfs(const FileSystemKind& kind, const std::string& path, Content& content) {
  constexpr int most_attempts = 30;
  for (int attempt = 1;; ++attempt) {
    Status looked = read_mounted(kind, path, content);
    forget_btrfs(path);  // so that the clone's turn comes, and later the person's
    if (looked || looked.failure().number != EEXIST || attempt == most_attempts) return looked;
    forget_btrfs("");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}  // namespace

Result<Fd> open_linux_root(const Fd& mounted, std::string_view type) {
  for (const char* name : btrfs_roots) {
    auto folder = open_folder_inside(mounted, name);
    if (folder && find_linux(*folder)) return folder;
    if (type != "btrfs") break;
  }
  return Failure{"no Linux has its root there"};
}

void load_file_system_of(const Content& content) {
  const FileSystemKind* kind = find_file_system_kind(content.type);
  if (kind != nullptr && !kind->kernel_type.empty()) load_file_system(std::string(kind->kernel_type));
}

void look_inside(const Fd& device, std::uint64_t start, const std::string& path, Content& content) {
  const FileSystemKind* kind = find_file_system_kind(content.type);
  if (kind == nullptr) return;
  content.next_command = next_command(*kind, path);
  if (content.type == "ntfs") look_into_ntfs(device, start, content);
  if (kind->kernel_type.empty() || has_config_label(content)) return;  // who reads its settings would find it in use
  const bool btrfs = content.type == "btrfs";
  const bool lone_btrfs = btrfs && count_btrfs_devices(device, start) == 1;
  const Status looked = lone_btrfs ? read_lone_btrfs(*kind, path, content) : read_mounted(*kind, path, content);
  if (!looked && content.type != "vfat")
    content.care.push_back("could not look inside: " + printable(looked.error(), 200));
}

}  // namespace lifeboat::init
