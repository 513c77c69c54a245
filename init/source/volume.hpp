#pragma once
#include <functional>
#include <string>

#include "init/source/superblock.hpp"
#include "init/sys/result.hpp"
#include "init/sys/secret.hpp"

namespace lifeboat::init {

/// Mounts the device read-only in a mount namespace of the calling process alone, so nothing stays mounted when the
/// process ends, however it ends, and calls `read` with the folder. `load_module` is called with the file system's
/// module first. Meant for a worker: a device that does not answer blocks it.
Status with_volume(const std::string& device, const VolumeLabel& label,
                   const std::function<void(const std::string&)>& load_module,
                   const std::function<void(const std::string& folder)>& read);

/// A plain file below the folder: links and anything else, and more than 1 MiB, are refused.
Result<Secret> read_volume_file(const std::string& folder, const char* path);
/// The same, but one that is not there is empty.
Result<Secret> read_optional_volume_file(const std::string& folder, const char* path);

}  // namespace lifeboat::init
