#pragma once
#include <cstdint>
#include <string>

#include "init/disk/disk_report.hpp"
#include "init/disk/pieces.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// What the kernel calls a disk's partition: "/dev/vda1", "/dev/nvme0n1p1".
std::string partition_device(const std::string& disk, std::uint32_t number);

/// A CD drive keeps a size when nothing is in it: it has to be asked. Any other device does not know the question.
bool is_empty_drive(const Fd& device);

// Both may block for as long as the disk does: they run in a worker. Two steps, so that a file system that hangs while
// it is mounted does not take away what was known before.

/// Reads the partition table and the superblocks of a disk that list_disks() named, and what it is a piece of.
std::vector<Piece> read_disk(Disk& disk, const std::string& device_root);

/// Looks for operating systems in what read_disk() found, and sets the next commands.
void look_inside_disk(Disk& disk, const std::string& device_root);

}  // namespace lifeboat::init
