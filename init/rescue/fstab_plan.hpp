#pragma once
#include <string>
#include <vector>

#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

/// A line of the original's fstab below its root.
struct FstabMount {
  FstabEntry entry;
  std::string skip;  ///< why it is not mounted; empty: it is
  bool operator==(const FstabMount&) const = default;
};

/// What belongs to the system on disks, in the order in which it can be mounted: what lies on others comes after them.
/// Network, pseudo file systems, swap and the root itself are left out.
std::vector<FstabMount> plan_fstab(const OperatingSystem& system);

}  // namespace lifeboat::init
