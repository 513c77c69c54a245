#pragma once
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "init/disk/disk_report.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// A plain file of the Linux on the original disk, "etc/ssh/ssh_host_ed25519_key": its root is mounted read-only
/// without recovery just as long as it takes, attached nowhere. A Failure where there is no original disk, no Linux on
/// it that can be read as it is (LVM, RAID, LUKS), or no such file. Blocks: for a worker.
Result<std::string> read_original_file(const DiskReport& disks, const std::string& path, std::size_t limit);

/// Most files of one folder, and most bytes of one of them.
inline constexpr std::size_t most_original_files = 64;
inline constexpr std::size_t most_original_bytes = 65536;

/// Of each path its text, where it is a plain file; where it is a folder, those of the plain files in it, by name. What
/// is not there, a link out of the root, and what is longer is passed over. By path: "etc/netplan/50-cloud-init.yaml".
Result<std::vector<std::pair<std::string, std::string>>> read_original_files(const DiskReport& disks,
                                                                             const std::vector<std::string>& paths);

}  // namespace lifeboat::init
