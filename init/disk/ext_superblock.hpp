#pragma once
#include <cstdint>

#include "init/disk/disk_report.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// What the superblock of an ext2, ext3 or ext4 says: see add_superblock_warnings().
void add_ext_warnings(const Fd& device, std::uint64_t start, std::uint64_t size, Content& content);

}  // namespace lifeboat::init
