#pragma once
#include <cstdint>

#include "init/disk/disk_report.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// Adds to content.care what the superblock of content.type says: not cleanly unmounted, errors, features that are too
/// new for this image, a hibernated system. `start` is the file system's first byte on the device, `size` what there is
/// of it. A superblock that does not read adds nothing.
void add_superblock_warnings(const Fd& device, std::uint64_t start, std::uint64_t size, Content& content);

/// Says so where a superblock speaks of more bytes than there are.
void add_size_warning(std::uint64_t says, std::uint64_t size, Content& content);

/// How many devices this btrfs is made of; 0 where its superblock does not read.
std::uint64_t count_btrfs_devices(const Fd& device, std::uint64_t start);

}  // namespace lifeboat::init
