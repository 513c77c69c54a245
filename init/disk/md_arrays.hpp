#pragma once
#include <string>
#include <vector>

#include "init/disk/disk_report.hpp"
#include "init/disk/pieces.hpp"

namespace lifeboat::init {

/// An array, and what reading from it needs to know.
struct RaidSet {
  Array array;
  RaidSuperblock newest;            ///< of its members
  std::vector<const Piece*> slots;  ///< who has the data of each; nullptr: nobody
  std::vector<Clone> clones;        ///< of its members
};

/// Which disks come first where several bear the same thing: kernel names, the best first. What is not in it is last.
using DiskOrder = std::vector<std::string>;
std::size_t rank_of(const DiskOrder& order, const std::string& disk);

/// Of two devices that bear one member the newer one counts, then the one that comes first. By the first device's
/// place in `pieces`. The pieces must outlive what is returned.
std::vector<RaidSet> assemble_arrays(const std::vector<Piece>& pieces, const DiskOrder& order);

/// Firmware RAIDs: which devices belong to one, no more.
std::vector<Array> list_containers(const std::vector<Piece>& pieces);

}  // namespace lifeboat::init
