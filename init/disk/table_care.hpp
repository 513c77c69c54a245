#pragma once
#include "init/disk/disk_report.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// Compares a disk's partition tables with each other, with the disk and with what the kernel made of them; each
/// trouble becomes a line of disk.care that says what to do. What a good GPT names and nobody has read yet (without a
/// protective MBR libblkid sees none) is added to the partitions. After probe_table().
void check_tables(const Fd& device, Disk& disk);

/// Says so where a disk holds nothing that is known. After the contents were probed.
void check_emptiness(const Fd& device, Disk& disk);

}  // namespace lifeboat::init
