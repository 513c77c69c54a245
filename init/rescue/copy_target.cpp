#include "init/rescue/copy_target.hpp"

#include <ftw.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>

#include "init/disk/printable.hpp"
#include "init/disk/report_page.hpp"
#include "init/rescue/writable_meanwhile.hpp"
#include "init/sys/mount.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view elsewhere =
    "\nhint: another machine has room for files: rescue copy SOURCE user@host:/path/\n"
    "hint: or attach a disk, `rescue write` it, make a file system on it and mount that";

bool is_memory(const MountEntry& mount) {
  constexpr std::array<std::string_view, 5> types{"overlay", "tmpfs", "ramfs", "rootfs", "devtmpfs"};
  return std::ranges::find(types, mount.type) != types.end();
}

bool among(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

Status check_disks(const std::string& name, const CopyLimits& limits) {
  for (const std::string& bottom : devices_below(name)) {
    const std::string disk = disk_of(bottom);
    if (!disk.empty() && disk == limits.own_disk)
      return Failure{"/dev/" + name + " is the medium that this rescue system runs from"};
    if (among(limits.original, disk))
      return Failure{"/dev/" + name + " is the original disk, or a part of what it needs: it is not overwritten from " +
                     "here\nhint: `rescue disks` says which disk is which"};
  }
  return Done{};
}

std::string where(const std::string& folder, const MountEntry& mount) {
  return printable(folder) +
         (is_memory(mount) ? " lies in this machine's memory" : " lies on " + printable(mount.source));
}

std::uint64_t free_bytes(const std::string& folder) {
  struct statvfs status {};
  return ::statvfs(folder.c_str(), &status) == 0 ? std::uint64_t{status.f_bavail} * status.f_frsize : 0;
}

Failure no_room(const std::string& folder, const MountEntry& mount, std::uint64_t has, const std::string& needed) {
  return Failure{
      where(folder, mount) + " and has room for " + size_text(has) + ", but " + needed +
      (is_memory(mount) ? std::string(elsewhere) : "\nhint: a larger disk, or only the files that you need")};
}

/// nftw() hands no value to its callback.
struct TreeSize {
  std::uint64_t bytes = 0;
  std::uint64_t most = 0;
};
TreeSize tree;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

int add_entry(const char*, const struct stat* status, int, struct FTW*) {
  constexpr std::uint64_t block = 512;
  tree.bytes += static_cast<std::uint64_t>(status->st_blocks) * block;
  return tree.bytes > tree.most ? 1 : 0;
}

}  // namespace

bool is_folder(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

Result<FreeDevice> take_target(const std::string& word, std::uint64_t size, const CopyLimits& limits) {
  const std::string path = real_path(word.starts_with('/') ? word : "/dev/" + word);
  if (Status right = check_disks(path.substr(path.rfind('/') + 1), limits); !right) return right.failure();
  auto device = take_device(word);
  if (!device || device->size >= size) return device;
  return Failure{device->path + " is too small: it has " + size_text(device->size) + ", the source " + size_text(size) +
                 " (" + std::to_string(size - device->size) + " bytes are missing)"};
}

MountEntry mount_of(const std::vector<MountEntry>& table, const std::string& path) {
  MountEntry found;
  for (const MountEntry& mount : table)  // a later one at the same point covers the earlier
    if (is_at_or_below(path, mount.point) && mount.point.size() >= found.point.size()) found = mount;
  return found;
}

Status check_target_folder(const std::string& folder, std::uint64_t size, std::uint64_t there,
                           const std::vector<std::string>& source_disks) {
  struct statvfs status {};
  const MountEntry mount = mount_of(read_mount_table(), folder);
  if (::statvfs(folder.c_str(), &status) != 0)
    return Failure{"there is no folder " + printable(folder) + "\nhint: mkdir -p " + printable(folder)};
  if ((status.f_flag & ST_RDONLY) != 0) return Failure{where(folder, mount) + ", which is mounted read-only"};
  const std::string source = real_path(mount.source);
  if (source.starts_with("/dev/"))
    for (const std::string& bottom : devices_below(source.substr(source.rfind('/') + 1)))
      if (among(source_disks, disk_of(bottom)))
        return Failure{where(folder, mount) + ", the disk that is to be copied: a copy there saves nothing, and " +
                       "overwrites what could still be saved\nhint: another disk, or another machine"};
  const std::uint64_t has = free_bytes(folder) + there;
  return has >= size ? Status(Done{}) : no_room(folder, mount, has, "the copy needs " + size_text(size));
}

Status check_tree_room(const std::string& source, const std::string& target) {
  std::string folder = real_path(target);
  struct stat status {};
  while (folder.size() > 1 && ::stat(folder.c_str(), &status) != 0)
    folder = folder.substr(0, std::max<std::size_t>(folder.rfind('/'), 1));
  const MountEntry mount = mount_of(read_mount_table(), folder);
  if (!is_memory(mount)) return Done{};
  constexpr int descriptors = 32;
  tree = {0, free_bytes(folder)};
  ::nftw(source.c_str(), add_entry, descriptors, FTW_PHYS);
  if (tree.bytes <= tree.most) return Done{};
  return no_room(folder, mount, tree.most, "what is to be copied is more");
}

}  // namespace lifeboat::init
