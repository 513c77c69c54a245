#pragma once
#include <string>
#include <vector>

#include "init/disk/copies.hpp"
#include "init/disk/disk_report.hpp"
#include "init/disk/pieces.hpp"

namespace lifeboat::init {

/// An array, and what reading from it needs to know.
struct RaidSet {
  Array array;
  RaidSuperblock newest;                    ///< of its members
  std::vector<const Piece*> slots;          ///< who has the data of each; nullptr: nobody
  std::vector<Clone> clones;                ///< of its members
  bool is_blocked = false;                  ///< a clone of it is open: the kernel would mix them up
  std::vector<const Piece*> doubtful = {};  ///< members that may be a clone's
};

/// One array of each UUID; of clones what `choice` says. By the first device's place in `pieces`. The pieces must
/// outlive what is returned.
std::vector<RaidSet> assemble_arrays(const std::vector<Piece>& pieces, const CopyChoice& choice);

/// Firmware RAIDs: which devices belong to one, no more.
std::vector<Array> list_containers(const std::vector<Piece>& pieces);

}  // namespace lifeboat::init
