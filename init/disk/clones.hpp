#pragma once
#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

/// Adds to report.clones what else has one id in several places: disks, partitions, file systems, labels, and the names
/// of volume groups. Members of one RAID and devices of one btrfs are none. A disk that shares an id with others gets
/// one line of care about all of them; equal labels and names of groups are too common for that.
void note_clones(DiskReport& report);

}  // namespace lifeboat::init
