#pragma once
#include <map>
#include <string>
#include <vector>

#include "init/disk/copies.hpp"
#include "init/disk/disk_report.hpp"
#include "init/disk/pieces.hpp"

namespace lifeboat::init {

/// A group, and what reading from its volumes needs to know.
struct VolumeSet {
  VolumeGroup group;
  LvmGroup text;                               ///< of the highest version of the copy that is meant
  std::map<std::string, std::string> devices;  ///< "pv0" -> "/dev/vda2"; who is missing has no row
  std::map<std::string, std::size_t> by_name;  ///< rows of text.volumes
  std::vector<Clone> clones;                   ///< of its physical volumes
  std::string other_open;                      ///< a device of its clone that is open, so that it cannot be; or empty
};

/// One group of each UUID; of clones what `choice` says. By the first device's place in `pieces`.
std::vector<VolumeSet> assemble_groups(const std::vector<Piece>& pieces, const CopyChoice& choice);

/// The volume of that name; nullptr: there is none.
const LvmVolume* find_volume(const VolumeSet& set, const std::string& name);

}  // namespace lifeboat::init
