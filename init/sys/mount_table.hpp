#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat::init {

/// One line of /proc/self/mountinfo.
struct MountEntry {
  std::string point;
  std::string type;    ///< "ext4", "fuse.sshfs"
  std::string source;  ///< "/dev/vda1"
  bool operator==(const MountEntry&) const = default;
};

/// In the order of the kernel's list: what is mounted on or below another comes after it. Lines that make no sense are
/// passed over.
std::vector<MountEntry> parse_mount_table(std::string_view mountinfo);
std::vector<MountEntry> read_mount_table();

/// A file system that keeps files somewhere else than in this machine's memory: on a disk, in the network.
bool keeps_files(const MountEntry& mount);

/// `path` itself, or below it.
bool is_at_or_below(std::string_view path, std::string_view folder);

}  // namespace lifeboat::init
