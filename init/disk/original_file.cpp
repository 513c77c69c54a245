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

/// The original's root, read-only and attached nowhere while this lives.
struct OpenRoot {
  std::string device;
  ReadOnlyDevice held;
  Fd mounted, root;
};

Result<OpenRoot> open_original_root(const DiskReport& disks) {
  const auto disk = std::ranges::find(disks.disks, disks.original, &Disk::name);
  if (disks.original.empty() || disk == disks.disks.end()) return Failure{"no original disk was found"};
  const Root found = find_root(*disk);
  if (found.content == nullptr) return Failure{"no Linux that can be read as it is was found on " + disk->path};
  const FileSystemKind* kind = find_file_system_kind(found.content->type);
  if (kind == nullptr || kind->kernel_type.empty()) return Failure{found.path + " cannot be mounted"};
  auto held = ReadOnlyDevice::hold(found.path);
  if (!held) return held.failure();
  auto mounted = mount_read_only(found.path, std::string(kind->kernel_type), kind->options);
  if (!mounted) return mounted.failure();
  auto root = open_linux_root(*mounted, found.content->type);
  if (!root) return root.failure();
  return OpenRoot{found.path, std::move(*held), std::move(*mounted), std::move(*root)};
}

}  // namespace

Result<std::string> read_original_file(const DiskReport& disks, const std::string& path, std::size_t limit) {
  const auto open = open_original_root(disks);
  if (!open) return open.failure();
  auto text = read_file_inside(open->root, path, limit);
  return text ? std::move(text) : Result<std::string>(Failure{open->device + ": " + text.error()});
}

Result<std::vector<std::pair<std::string, std::string>>> read_original_files(const DiskReport& disks,
                                                                             const std::vector<std::string>& paths) {
  const auto open = open_original_root(disks);
  if (!open) return open.failure();
  std::vector<std::pair<std::string, std::string>> files;
  const auto read = [&](const std::string& path) {
    auto text = read_file_inside(open->root, path, most_original_bytes);
    if (text) files.emplace_back(path, std::move(*text));
  };
  for (const std::string& path : paths) {
    read(path);
    for (const std::string& name : list_folder_inside(open->root, path, most_original_files)) read(path + "/" + name);
  }
  return files;
}

}  // namespace lifeboat::init
