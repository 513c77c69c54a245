#include "init/rescue/undo.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "init/rescue/layers.hpp"
#include "init/rescue/within.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/holders.hpp"
#include "init/sys/mount_table.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds unmount_limit{60'000};  // what was written has to reach the disk

bool is_mounted(const std::string& point) {
  const auto table = read_mount_table();
  return std::ranges::find(table, point, &MountEntry::point) != table.end();
}

Status unmount(const std::string& point) {
  if (!is_mounted(point)) return Done{};
  Status unmounted = do_within("unmounting " + point, unmount_limit, [&]() -> Status {
    if (::umount2(point.c_str(), UMOUNT_NOFOLLOW) == 0) return Done{};
    return failure_from_errno("unmounting " + point, errno);
  });
  if (unmounted || unmounted.failure().number != EBUSY) return unmounted;
  std::string users = find_users(point);
  for (const MountEntry& mount : read_mount_table())
    if (mount.point != point && is_at_or_below(mount.point, point))
      users += (users.empty() ? "" : ", ") + ("the mount at " + mount.point);
  return Failure{point + " is in use" + (users.empty() ? "" : " by " + users), EBUSY};
}

}  // namespace

Status undo_step(const SessionStep& step) {
  if (step.kind == "mount") return unmount(step.name);
  if (step.kind == "writable") return forbid_writing(step.device.substr(step.device.rfind('/') + 1), owner_mount);
  return close_layer(step);
}

std::vector<std::string> undo_steps(Session& session, std::size_t first) {
  std::vector<std::string> lines;
  for (std::size_t i = session.steps.size(); i > first; --i) {
    const auto step = session.steps.begin() + static_cast<std::ptrdiff_t>(i - 1);
    const bool above =
        std::any_of(step + 1, session.steps.end(), [&](const SessionStep& later) { return later.kind != "writable"; });
    if (step->kind == "writable" && above) continue;  // what stays mounted for writing stays writable
    if (Status undone = undo_step(*step); undone)
      session.steps.erase(step);
    else if (!above)
      lines.push_back(undone.error());
    if (Status noted = write_session(session); !noted) lines.push_back(noted.error());
  }
  return lines;
}

}  // namespace lifeboat::init
