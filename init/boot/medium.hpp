#pragma once
#include <string>
#include <vector>

#include "init/boot/machine.hpp"
#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

/// The device that the machine was started from, beyond doubt or by a guess that the report tells of.
struct Medium {
  Disk disk;
  std::string evidence;             ///< why this one of several; empty: it is the only one, or a guess
  std::vector<std::string> copies;  ///< other devices that carry the same build: "sda"
};

/// Loads the initramfs's drivers and looks at every whole block device, each in a worker, until one carries the build
/// id of boot.conf. Waits for devices that come late, at most half a minute after the drivers are loaded; what it saw
/// is in machine.emergency then.
Result<Medium> find_medium(Machine& machine);

/// Mounts its ISO 9660 file system, read-only, at medium_folder.
Status mount_medium(Machine& machine, const Medium& medium);

}  // namespace lifeboat::init
