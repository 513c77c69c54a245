#pragma once
#include <cstdint>

#include "init/disk/disk_report.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Fills in table, table_id and what the partition table says of each partition; partitions that the kernel has no
/// device for are added without a name. `device` is the whole disk, open for reading.
Status probe_table(const Fd& device, Disk& disk);

/// What libblkid finds in the bytes [start, start + size) of the device, with its superblock's warnings.
/// Where signatures contradict each other or the device does not read, `care` says so and type stays empty.
Content probe_content(const Fd& device, std::uint64_t start, std::uint64_t size);

}  // namespace lifeboat::init
