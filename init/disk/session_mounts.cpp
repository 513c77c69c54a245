#include "init/disk/session_mounts.hpp"

#include <algorithm>

namespace lifeboat::init {
namespace {

/// The overlay that is our root, wherever it was bound to.
bool is_own_root(const MountEntry& mount) { return mount.type == "overlay" && mount.source == "lifeboat"; }

}  // namespace

bool is_session_disk(const MountEntry& mount) {
  return keeps_files(mount) && !is_own_root(mount) && mount.point != "/" && !is_at_or_below(mount.point, run_folder);
}

std::vector<MountEntry> session_mounts(const std::vector<MountEntry>& table) {
  std::vector<MountEntry> mounts;
  for (const MountEntry& mount : table) {
    const auto lies_below = [&](const MountEntry& disk) { return is_at_or_below(mount.point, disk.point); };
    if (is_session_disk(mount) || std::ranges::any_of(mounts, lies_below)) mounts.push_back(mount);
  }
  return mounts;
}

}  // namespace lifeboat::init
