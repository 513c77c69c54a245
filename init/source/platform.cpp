#include "init/source/platform.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "init/contract/text.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

std::string read_trimmed(const std::string& file) {
  return std::string(contract::trim(read_file(file, 4096).value_or("")));
}

/// On PCI they show before their driver is there (vendor 1af4); elsewhere virtio_mmio, which the initramfs loads, does.
bool has_virtio_device(const std::string& buses) {
  const std::string pci = buses + "/pci/devices";
  return !list_folder(buses + "/virtio/devices").empty() ||
         std::ranges::any_of(list_folder(pci), [&](const FolderEntry& device) {
           return read_trimmed(pci + "/" + device.name + "/vendor") == "0x1af4";
         });
}

}  // namespace

Platform read_platform(const std::string& dmi_folder, const std::string& command_line, const std::string& xenbus_device,
                       const std::string& buses) {
  Platform platform;
  platform.has_dmi = ::access(dmi_folder.c_str(), F_OK) == 0;
  platform.sys_vendor = read_trimmed(dmi_folder + "/sys_vendor");
  platform.product_name = read_trimmed(dmi_folder + "/product_name");
  platform.product_serial = read_trimmed(dmi_folder + "/product_serial");
  platform.product_uuid = read_trimmed(dmi_folder + "/product_uuid");
  std::ranges::transform(platform.product_uuid, platform.product_uuid.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  platform.chassis_asset_tag = read_trimmed(dmi_folder + "/chassis_asset_tag");
  platform.kernel_command_line = read_trimmed(command_line);
  platform.has_xenstore = ::access(xenbus_device.c_str(), F_OK) == 0;
  platform.has_virtio = has_virtio_device(buses);
  return platform;
}

}  // namespace lifeboat::init
