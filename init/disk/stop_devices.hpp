#pragma once
#include <string>
#include <vector>

#include "init/sys/clock.hpp"

namespace lifeboat::init {

/// The device mapper's name of what the root squashfs is read through.
inline constexpr const char* own_root_device = "lifeboat-root";

/// A device that lies over others: LVM's, cryptsetup's, a RAID.
struct StackedDevice {
  std::string device;  ///< "dm-3", "md127"
  std::string name;    ///< device mapper's: "vg-data"; else empty
  bool operator==(const StackedDevice&) const = default;
};

/// Those that are active, but for the one below our own root.
std::vector<StackedDevice> stacked_devices(const std::string& sys = "/sys");

/// Ends the use of swap on disks.
void stop_swapping(Clock::time_point until);

/// Stops them all, those on top first. No tool is asked, and no metadata are written but what the kernel itself does: a
/// RAID that was written to is marked clean. Returns one line for each that would not stop, with who uses it. For a
/// worker.
std::string stop_devices(Clock::time_point until);

}  // namespace lifeboat::init
