#pragma once
#include "init/disk/discover.hpp"
#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

/// What the boot knew of its own medium, from report.json.
DiscoverOptions options_of_boot();

/// What `rescue exit` compares with gets the disks that came since the boot; the first record of a disk stays. Reads
/// those alone, both ends of each.
void record_new_disks(const DiscoverOptions& options);

/// The machine's disks as they are now, discovered anew; what is mounted or open is not looked into. Some seconds.
/// `named`: the devices that the person meant, which are preferred to their clones.
DiskReport find_disks_now(const std::vector<std::string>& named = {});

}  // namespace lifeboat::init
