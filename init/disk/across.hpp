#pragma once
#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

/// What only all disks together show: a btrfs of several devices that misses some, or whose devices are of different
/// age; disks that may be one, reached by two paths. Lines of care. After everything was read.
void check_across_disks(DiskReport& report);

/// Adds to each system what of it lies on other file systems: kernels and boot loader of a separate /boot, Windows's
/// boot store. After its fstab was resolved.
void add_boot_places(DiskReport& report);

}  // namespace lifeboat::init
