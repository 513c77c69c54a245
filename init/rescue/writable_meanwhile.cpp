#include "init/rescue/writable_meanwhile.hpp"

#include <algorithm>

#include "init/rescue/disks_now.hpp"
#include "init/sys/folder.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {
namespace {

constexpr int deepest_stack = 8;

/// What is to be undone.
struct Lifted {
  std::vector<std::string> by_us;
  std::vector<std::string> by_hand;  ///< somebody had asked, and then set it read-only: blockdev --setro
};

Lifted& lifted() {
  static Lifted names;
  return names;
}

Status lift(const std::string& device, bool was_asked) {
  std::vector<std::string> set_by_hand;
  for (const std::string& name : {device, disk_of(device)})
    if (was_asked && is_read_only(name)) set_by_hand.push_back(name);
  if (Status allowed = allow_writing(device, owner_this_process()); !allowed) return allowed;
  lifted().by_us.push_back(device);
  lifted().by_hand.insert(lifted().by_hand.end(), set_by_hand.begin(), set_by_hand.end());
  return Done{};
}

std::vector<std::string> devices_below(const std::string& name, int depth) {
  std::vector<std::string> bottom;
  const auto below = list_folder("/sys/class/block/" + name + "/slaves");
  if (below.empty() || depth > deepest_stack) return {name};
  for (const FolderEntry& entry : below)
    for (const std::string& device : devices_below(entry.name, depth + 1)) bottom.push_back(device);
  return bottom;
}

}  // namespace

std::vector<std::string> devices_below(const std::string& name) { return devices_below(name, 0); }

Status restore_protection(const std::string&) {
  Status outcome = Done{};
  for (const std::string& device : lifted().by_us)
    if (Status set = forbid_writing(device, owner_this_process()); !set) outcome = set;
  for (const std::string& device : lifted().by_hand)
    if (Status set = set_write_protection(device, true); !set) outcome = set;
  lifted() = {};
  return outcome;
}

Status lift_protection(const std::string& name) {
  record_new_disks(options_of_boot());  // what `rescue exit` compares with, of a disk that came just now
  const auto before = read_write_rights().devices();
  for (const std::string& device : devices_below(name)) {
    const bool was_asked = std::ranges::find(before, device) != before.end();
    if (Status done = lift(device, was_asked); !done) {
      static_cast<void>(restore_protection(name));
      return done;
    }
  }
  return Done{};
}

}  // namespace lifeboat::init
