#pragma once
#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

/// The machine's disks as they are now, discovered anew; what is mounted or open is not looked into. Some seconds.
DiskReport find_disks_now();

}  // namespace lifeboat::init
