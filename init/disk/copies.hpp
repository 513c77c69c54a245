#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "init/disk/disk_report.hpp"
#include "init/disk/pieces.hpp"

namespace lifeboat::init {

/// Which disks come first where several bear the same thing: kernel names, the best first. What is not in it is last.
using DiskOrder = std::vector<std::string>;
std::size_t rank_of(const DiskOrder& order, const std::string& disk);

/// What tells the copy that is meant from its clones.
struct CopyChoice {
  DiskOrder order;
  std::string own;                 ///< the rescue medium's disk: never the copy that is meant; empty: none
  std::vector<std::string> named;  ///< by the person: Piece::device and Piece::disk, what was named first comes first
  std::vector<std::string> open;   ///< devices that something running lies on
};

/// A device that bears one member of a RAID, or one physical volume of a group.
struct Bearer {
  const Piece* piece;
  std::string member;     ///< which one
  std::uint64_t age = 0;  ///< what grows with each change: md's events, LVM's version; 0: not known
};

/// One RAID or group out of all the devices that bear parts of it. Parts of two copies are never put together: what
/// may belong to either is in doubt.
struct Copies {
  std::vector<Bearer> kept;         ///< one of each member, the newest first
  std::vector<Bearer> doubtful;     ///< one of each member that may be the other copy's
  std::vector<std::string> rivals;  ///< devices of one member of which nothing tells which is meant; empty: it is known
  std::string doubt;                ///< why `doubtful` is; empty: it is not
  std::string other_open;           ///< a device of another copy, which is open now; empty: none is
  std::vector<Clone> clones;        ///< by member; Clone::id is the member
  std::vector<std::string> care;
};

/// `bearers`: at least one. `what`: "member", "physical volume".
Copies choose_copy(std::vector<Bearer> bearers, const CopyChoice& choice, const std::string& what);

/// "/dev/vda1 and /dev/vdb1"
std::string joined_devices(const std::vector<std::string>& devices);

}  // namespace lifeboat::init
