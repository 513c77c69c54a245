#pragma once
#include <cstdint>

#include "init/disk/disk_report.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// Adds to content.care what the superblock of content.type says: not cleanly unmounted, errors, a hibernated system.
/// `start` is the file system's first byte on the device. A superblock that does not read adds nothing.
void add_superblock_warnings(const Fd& device, std::uint64_t start, Content& content);

/// Whether a plain `mount -o ro,noload` of this ext file system would write: ext4 deletes the files of its orphan list
/// even then, unless the block device itself is read-only.
bool has_ext_orphans(const Fd& device, std::uint64_t start);

/// How many devices this btrfs is made of; 0 where its superblock does not read.
std::uint64_t count_btrfs_devices(const Fd& device, std::uint64_t start);

}  // namespace lifeboat::init
