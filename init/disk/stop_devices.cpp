#include "init/disk/stop_devices.hpp"

#include <sys/swap.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "init/contract/text.hpp"
#include "init/sys/aside.hpp"
#include "init/sys/device_mapper.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/folder.hpp"
#include "init/sys/holders.hpp"
#include "init/sys/mount_table.hpp"

namespace lifeboat::init {
namespace {

std::string read_attribute(const std::string& path) {
  return std::string(contract::trim(read_file(path, 4096).value_or("")));
}

int stop(const StackedDevice& device) {
  const Status stopped = device.name.empty() ? write_file("/sys/block/" + device.device + "/md/array_state", "clear")
                                             : remove_mapped_device(device.name);
  return stopped ? 0 : std::max(stopped.failure().number, 1);
}

/// Other devices, and processes.
std::string users_of(const StackedDevice& device) {
  std::string users = find_users("/dev/" + device.device);
  for (const FolderEntry& holder : list_folder("/sys/block/" + device.device + "/holders"))
    users += (users.empty() ? "" : ", ") + holder.name;
  for (const MountEntry& mount : read_mount_table())
    if (mount.source == "/dev/" + device.device || mount.source == "/dev/mapper/" + device.name)
      users += (users.empty() ? "" : ", ") + mount.point;
  return users;
}

std::string line_for(const StackedDevice& device, std::optional<int> outcome) {
  const std::string title = "/dev/" + device.device + (device.name.empty() ? "" : " (" + device.name + ")");
  if (!outcome) return title + " does not answer: it was not stopped\n";
  const std::string users = users_of(device);
  return title + " was not stopped: " + std::strerror(*outcome) + (users.empty() ? "" : "; in use by " + users) + "\n";
}

}  // namespace

std::vector<StackedDevice> stacked_devices(const std::string& sys) {
  std::vector<StackedDevice> devices;
  for (const FolderEntry& entry : list_folder(sys + "/block")) {
    const std::string folder = sys + "/block/" + entry.name;
    const std::string name = read_attribute(folder + "/dm/name");
    const std::string state = read_attribute(folder + "/md/array_state");
    if (name == own_root_device) continue;
    if (!name.empty() || (!state.empty() && state != "clear")) devices.push_back({entry.name, name});
  }
  return devices;
}

void stop_swapping(Clock::time_point until) {
  for (std::string_view line : contract::split_words(read_file("/proc/swaps").value_or(""), "\n")) {
    const std::string area(line.substr(0, line.find_first_of(" \t")));
    if (area.starts_with('/') && !area.starts_with("/dev/zram"))
      static_cast<void>(run_aside(until, [&] { return ::swapoff(area.c_str()) == 0 ? 0 : errno; }));
  }
}

std::string stop_devices(Clock::time_point until) {
  std::string lines;
  for (std::size_t before = 0;;) {  // each round frees those below
    const auto devices = stacked_devices();
    if (devices.empty()) return {};
    if (devices.size() == before) return lines;
    before = devices.size();
    lines.clear();
    for (const StackedDevice& device : devices) {
      const auto outcome = run_aside(until, [&] { return stop(device); });
      if (outcome != 0) lines += line_for(device, outcome);
    }
  }
}

}  // namespace lifeboat::init
