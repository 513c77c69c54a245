#pragma once
#include <functional>
#include <string>

#include "init/source/findings.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// A config drive: a whole device with the label config-2 in any case, iso9660 or vfat. Its file system is mounted
/// read-only in a mount namespace of the calling process alone, so nothing stays mounted when the process ends, however
/// it ends. Meant for a worker: a device that does not answer blocks it.

/// Whether the device carries the label; a Failure where it cannot be read.
Result<bool> is_config_drive(const std::string& device);

/// Reads openstack/latest/meta_data.json from it. `load_module` is called with the file system's name first.
Result<Findings> read_config_drive(const std::string& device,
                                   const std::function<void(const std::string&)>& load_module);

/// The same from a folder where it is mounted: links and anything but a plain file of at most 1 MiB are refused.
Result<Findings> read_config_drive_folder(const std::string& folder);

}  // namespace lifeboat::init
