#pragma once
#include <vector>

#include "init/sys/mount_table.hpp"

namespace lifeboat::init {

/// Where the rescue system keeps what is its own.
inline constexpr const char* run_folder = "/run/lifeboat";

/// A file system on a disk or in the network that is not the rescue system's own, nor its medium's.
bool is_session_disk(const MountEntry& mount);

/// What the session has mounted: those, and whatever is mounted below them. In the order of the table.
std::vector<MountEntry> session_mounts(const std::vector<MountEntry>& table);

}  // namespace lifeboat::init
