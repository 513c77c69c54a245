#pragma once
#include <string>

#include "init/disk/discover.hpp"
#include "init/disk/md_arrays.hpp"
#include "init/sys/loop.hpp"

namespace lifeboat::init {

/// Disks by position, the medium that the rescue system runs from last.
DiskOrder disk_order(const std::vector<Disk>& disks, const std::string& own_disk);

/// Fills in what lies in layers, from what the disks are `pieces` of: arrays, opened devices, volume groups on them and
/// on disks; and looks into each in a worker of its own. Blocks, at most for some options.layers_deadline. No device of
/// device mapper is left behind.
void look_into_layers(Loop& loop, const DiscoverOptions& options, std::vector<Piece> pieces, DiskReport& report);

}  // namespace lifeboat::init
