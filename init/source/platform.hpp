#pragma once
#include <string>

namespace lifeboat::init {

/// What the machine says of who runs it: the firmware's DMI strings, trimmed; empty where there is none (no x86, no
/// firmware that says so). And what it was started from.
struct Platform {
  std::string sys_vendor = {};
  std::string product_name = {};
  std::string product_serial = {};
  std::string product_uuid = {};  ///< lower case
  std::string chassis_asset_tag = {};
  std::string kernel_command_line = {};
  bool has_dmi = false;
  bool has_xenstore = false;
  std::string own_disk = {};        ///< the rescue medium: "vda"; empty: it is none. read_platform() does not know it
  std::string recipe_network = {};  ///< the recipe's network.config; empty: none. read_platform() does not know it
  bool has_virtio = false;          ///< some virtio device, with a driver or not
};

Platform read_platform(const std::string& dmi_folder = "/sys/class/dmi/id",
                       const std::string& command_line = "/proc/cmdline",
                       const std::string& xenbus_device = "/dev/xen/xenbus", const std::string& buses = "/sys/bus");

/// Whether a network source belongs to the machine's platform.
enum class Belonging {
  no,
  maybe,  ///< asked only where no other source lets anybody log in
  yes
};

}  // namespace lifeboat::init
