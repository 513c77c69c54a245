#pragma once
#include <string>
#include <vector>

#include "init/sys/result.hpp"

namespace lifeboat::init {

/// The partitions and disks below a volume or RAID, by their kernel names; the name itself of others.
std::vector<std::string> devices_below(const std::string& name);

/// For a tool that writes to one device: lifts the write protection of a device and of all below it, one device at a
/// time.
Status lift_protection(const std::string& name);
/// Undoes what lift_protection() did. What somebody else asked to write to stays writable.
Status restore_protection(const std::string& name);

/// How write protection is lifted and set again; a seam for tests.
struct WriteProtection {
  Status (*lift)(const std::string& device_name);
  Status (*restore)(const std::string& device_name);
};

}  // namespace lifeboat::init
