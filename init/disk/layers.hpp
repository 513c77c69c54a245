#pragma once
#include <string>
#include <vector>

#include "init/disk/disk_report.hpp"
#include "init/disk/lvm_groups.hpp"
#include "init/disk/md_arrays.hpp"

namespace lifeboat::init {

/// What lies on more than one device, or on another layer: RAIDs and volume groups.
struct Layers {
  std::vector<Piece> pieces;  ///< what disks and partitions bear; then what arrays and opened devices do
  std::vector<RaidSet> arrays;
  std::vector<VolumeSet> groups;
};

/// Disks by position, the medium that the rescue system runs from and its copies last.
DiskOrder disk_order(const std::vector<Disk>& disks, const std::string& own_disk);

/// Puts them together, with what the pieces say, and into the report.
void assemble_layers(Layers& layers, const DiskOrder& order, DiskReport& report);

}  // namespace lifeboat::init
