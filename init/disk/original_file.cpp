#include "init/disk/original_file.hpp"

#include <algorithm>

#include "init/disk/file_systems.hpp"
#include "init/disk/look_inside.hpp"
#include "init/sys/read_only_mount.hpp"

namespace lifeboat::init {
namespace {

/// What holds the original's Linux, and its device.
struct Root {
  const Content* content = nullptr;
  std::string path;
};

bool holds_linux(const Content& content) { return content.system && content.system->kind == "linux"; }

Root find_root(const Disk& disk) {
  if (holds_linux(disk.content)) return {&disk.content, disk.path};
  for (const Partition& partition : disk.partitions)
    if (holds_linux(partition.content) && !partition.name.empty()) {
      const std::string folder = disk.path.substr(0, disk.path.rfind('/') + 1);
      return {&partition.content, folder + partition.name};
    }
  return {};
}

}  // namespace

Result<std::string> read_original_file(const DiskReport& disks, const std::string& path, std::size_t limit) {
  const auto disk = std::ranges::find(disks.disks, disks.original, &Disk::name);
  if (disks.original.empty() || disk == disks.disks.end()) return Failure{"no original disk was found"};
  const Root found = find_root(*disk);
  if (found.content == nullptr) return Failure{"no Linux that can be read as it is was found on " + disk->path};
  const FileSystemKind* kind = find_file_system_kind(found.content->type);
  if (kind == nullptr || kind->kernel_type.empty()) return Failure{found.path + " cannot be mounted"};
  const auto held = ReadOnlyDevice::hold(found.path);
  if (!held) return held.failure();
  const auto mounted = mount_read_only(found.path, std::string(kind->kernel_type), kind->options);
  if (!mounted) return mounted.failure();
  const auto root = open_linux_root(*mounted, found.content->type);
  if (!root) return root.failure();
  auto text = read_file_inside(*root, path, limit);
  return text ? std::move(text) : Result<std::string>(Failure{found.path + ": " + text.error()});
}

}  // namespace lifeboat::init
