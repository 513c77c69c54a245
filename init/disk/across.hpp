#pragma once
#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

/// What only all disks together show: a btrfs of several devices that misses some, or whose devices are of different
/// age; disks that may be one, reached by two paths. Lines of care. After everything was read.
void check_across_disks(DiskReport& report);

}  // namespace lifeboat::init
