#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace lifeboat::init {

/// A device that the kernel runs over others: an array of md, or one of device mapper.
struct RunningDevice {
  std::string node;                 ///< what to open: "/dev/dm-0"
  std::string path;                 ///< what a person calls it: "/dev/mapper/vg-root", "/dev/md127"
  std::string name;                 ///< device mapper's; empty: it is md's
  std::string uuid;                 ///< device mapper's: "CRYPT-LUKS2-...", "LVM-..."
  std::uint64_t size = 0;           ///< bytes
  std::vector<std::string> slaves;  ///< what it lies on, as a person calls it: "/dev/vda2"
  bool operator==(const RunningDevice&) const = default;
};

/// All of them, by their kernel names.
std::vector<RunningDevice> list_running_devices(const std::string& sysfs_root, const std::string& device_root);

/// cryptsetup made it, and it holds what was encrypted.
bool is_opened_crypto(const RunningDevice& device);

/// What LVM calls the device of a volume: its UUIDs without dashes.
std::string lvm_device_uuid(const std::string& group, const std::string& volume);

}  // namespace lifeboat::init
