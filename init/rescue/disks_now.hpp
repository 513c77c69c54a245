#pragma once
#include "init/disk/discover.hpp"
#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

/// What the boot knew of its own medium, from report.json.
DiscoverOptions options_of_boot();

/// The machine's disks as they are now, discovered anew; what is mounted or open is not looked into. Some seconds.
DiskReport find_disks_now();

}  // namespace lifeboat::init
