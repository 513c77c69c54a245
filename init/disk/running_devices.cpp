#include "init/disk/running_devices.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "init/disk/printable.hpp"
#include "init/disk/sysfs.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

std::uint64_t size_of(const std::string& folder) {
  const std::string text = sysfs_attribute(folder, "size");
  std::uint64_t sectors = 0;
  std::from_chars(text.data(), text.data() + text.size(), sectors);
  return sectors * 512;
}

/// "/dev/vda2"; of a device of device mapper its own name, of a loop device what it stands for.
std::string path_of(const std::string& sysfs_root, const std::string& device_root, const std::string& name) {
  const std::string mapped = sysfs_attribute(sysfs_root + "/block/" + name, "dm/name");
  if (name.starts_with("loop"))
    if (std::string backing = sysfs_attribute(sysfs_root + "/block/" + name, "loop/backing_file");
        backing.starts_with("/dev/"))
      return backing;
  return device_root + (mapped.empty() ? "/" + name : "/mapper/" + mapped);
}

}  // namespace

std::vector<RunningDevice> list_running_devices(const std::string& sysfs_root, const std::string& device_root) {
  std::vector<RunningDevice> found;
  for (const auto& [name, is_folder] : list_folder(sysfs_root + "/block")) {
    const std::string folder = sysfs_root + "/block/" + name;
    RunningDevice device;
    device.name = sysfs_attribute(folder, "dm/name");
    device.size = size_of(folder);
    const std::string state = sysfs_attribute(folder, "md/array_state");
    const bool runs = !state.empty() && state != "clear" && state != "inactive";
    if ((device.name.empty() && !runs) || device.size == 0) continue;
    device.node = device_root + "/" + name;
    device.path = path_of(sysfs_root, device_root, name);
    device.uuid = sysfs_attribute(folder, "dm/uuid");
    for (const auto& [slave, slave_is_folder] : list_folder(folder + "/slaves"))
      device.slaves.push_back(path_of(sysfs_root, device_root, slave));
    std::sort(device.slaves.begin(), device.slaves.end());
    found.push_back(std::move(device));
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.node < b.node; });
  return found;
}

bool is_opened_crypto(const RunningDevice& device) {
  constexpr std::array kinds = {"CRYPT-LUKS", "CRYPT-PLAIN", "CRYPT-BITLK", "CRYPT-TCRYPT", "CRYPT-FVAULT2"};
  return std::any_of(kinds.begin(), kinds.end(), [&](const char* kind) { return device.uuid.starts_with(kind); });
}

std::string lvm_device_uuid(const std::string& group, const std::string& volume) {
  std::string uuid = "LVM-" + group + volume;
  uuid.erase(std::remove(uuid.begin() + 4, uuid.end(), '-'), uuid.end());
  return uuid;
}

}  // namespace lifeboat::init
