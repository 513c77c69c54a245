#pragma once
#include <string_view>

#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

/// Gives each disk its role and chooses the original: the disk that is left when the rescue system's own, config
/// drives, swap, ephemeral disks and CDs are put aside; of several, the first by position that holds an operating
/// system. `report.disks` come by position. Labels and UUIDs are never compared between disks: the original may be a
/// clone of the rescue medium.
void choose_original(DiskReport& report, std::string_view own_disk);

}  // namespace lifeboat::init
