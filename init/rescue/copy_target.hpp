#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "init/rescue/device_use.hpp"
#include "init/sys/mount_table.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// What must not be written to by a copy.
struct CopyLimits {
  std::vector<std::string> original;  ///< disks_of_original()
  std::string own_disk;               ///< the rescue system's medium
};

/// Links are followed.
bool is_folder(const std::string& path);

/// A device that a copy of `size` bytes may overwrite. A Failure says why not.
Result<FreeDevice> take_target(const std::string& word, std::uint64_t size, const CopyLimits& limits);

/// The mount that a path lies in, of a table in the kernel's order.
MountEntry mount_of(const std::vector<MountEntry>& table, const std::string& path);

/// Whether the folder takes a file of `size` bytes (of which `there` are there already) that is a copy of a disk among
/// `source_disks`: writable, on another disk, with room.
Status check_target_folder(const std::string& folder, std::uint64_t size, std::uint64_t there,
                           const std::vector<std::string>& source_disks);

/// Whether a tree of files fits, where the target lies in this machine's memory; elsewhere rsync finds out.
Status check_tree_room(const std::string& source, const std::string& target);

}  // namespace lifeboat::init
