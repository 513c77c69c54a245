#pragma once
#include <cstddef>
#include <string>

#include "init/disk/disk_report.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// A plain file of the Linux on the original disk, "etc/ssh/ssh_host_ed25519_key": its root is mounted read-only
/// without recovery just as long as it takes, attached nowhere. A Failure where there is no original disk, no Linux on
/// it that can be read as it is (LVM, RAID, LUKS), or no such file. Blocks: for a worker.
Result<std::string> read_original_file(const DiskReport& disks, const std::string& path, std::size_t limit);

}  // namespace lifeboat::init
