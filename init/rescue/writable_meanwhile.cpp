#include "init/rescue/writable_meanwhile.hpp"

#include <algorithm>

#include "init/sys/folder.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {
namespace {

constexpr int deepest = 8;

/// What was writable already stays so.
std::vector<std::string>& lifted_by_us() {
  static std::vector<std::string> names;
  return names;
}

std::vector<std::string> devices_below(const std::string& name, int depth) {
  std::vector<std::string> bottom;
  const auto below = list_folder("/sys/class/block/" + name + "/slaves");
  if (below.empty() || depth > deepest) return {name};
  for (const FolderEntry& entry : below)
    for (const std::string& device : devices_below(entry.name, depth + 1)) bottom.push_back(device);
  return bottom;
}

}  // namespace

std::vector<std::string> devices_below(const std::string& name) { return devices_below(name, 0); }

Status restore_protection(const std::string&) {
  Status outcome = Done{};
  for (const std::string& device : lifted_by_us())
    if (Status set = forbid_writing(device); !set) outcome = set;
  lifted_by_us().clear();
  return outcome;
}

Status lift_protection(const std::string& name) {
  const auto before = read_write_rights().now;
  for (const std::string& device : devices_below(name)) {
    if (std::ranges::find(before, device) != before.end()) continue;
    if (Status allowed = allow_writing(device); !allowed) {
      static_cast<void>(restore_protection(name));
      return allowed;
    }
    lifted_by_us().push_back(device);
  }
  return Done{};
}

}  // namespace lifeboat::init
