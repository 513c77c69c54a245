#include "init/boot/unmounting.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "init/boot/machine.hpp"
#include "init/contract/text.hpp"
#include "init/sys/aside.hpp"
#include "init/sys/holders.hpp"

namespace lifeboat::init {
namespace {

/// For one file system that does not answer: half of what is left, at most.
constexpr Milliseconds largest_share{15'000};

std::string name_of(const MountEntry& mount) { return mount.point + " (" + mount.source + ")"; }

int sync_file_system(const std::string& point) {
  const int fd = ::open(point.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  return fd < 0 || ::syncfs(fd) != 0 ? errno : 0;
}

int unmount(const std::string& point, int flags) {
  return ::umount2(point.c_str(), UMOUNT_NOFOLLOW | flags) == 0 ? 0 : errno;
}

/// It is in use. Only a disk is made read-only: the same file system may be mounted elsewhere, as our own root is.
std::string detach(const MountEntry& mount, Clock::time_point until) {
  const std::string users = find_users(mount.point);
  const bool read_only =
      is_session_disk(mount) &&
      run_aside(until, [&] {
        return ::mount(nullptr, mount.point.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0 ? 0 : errno;
      }) == 0;
  const auto detached = run_aside(until, [&] { return unmount(mount.point, MNT_DETACH); });
  if (!is_session_disk(mount)) return {};
  return name_of(mount) + " is in use" + (users.empty() ? "" : " by " + users) +
         (detached != 0 ? ": it stays mounted"
          : read_only   ? ": it is read-only now, and goes when it is no longer used"
                        : ": it was synced, and goes when it is no longer used; what is written to it from now on can "
                          "be lost");
}

/// The line, where it was not unmounted.
std::string release(const MountEntry& mount, Clock::time_point until) {
  const Clock::time_point now = Clock::now();
  until = std::min(now + (until - now) / 2, now + largest_share);
  if (is_session_disk(mount)) {
    const auto synced = run_aside(until, [&] { return sync_file_system(mount.point); });
    if (!synced) return name_of(mount) + " does not answer: it was not synced and stays mounted";
    if (*synced != 0) return name_of(mount) + ": syncing it: " + std::strerror(*synced) + "; it stays mounted";
  }
  const auto unmounted = run_aside(until, [&] { return unmount(mount.point, 0); });
  if (unmounted == 0) return {};
  if (unmounted == EBUSY) return detach(mount, until);
  return name_of(mount) + (unmounted ? std::string(": unmounting it: ") + std::strerror(*unmounted)
                                     : " does not answer: it stays mounted");
}

}  // namespace

std::string unmount_session(Clock::time_point until) {
  const auto mounts = session_mounts(read_mount_table());
  std::string lines;
  for (auto mount = mounts.rbegin(); mount != mounts.rend(); ++mount)
    if (const std::string line = release(*mount, until); !line.empty()) lines += line + "\n";
  // Block devices that were written to without a file system.
  if (run_aside(until, [] {
        ::sync();
        return 0;
      }) != 0)
    lines += "a disk does not answer: not everything could be synced\n";
  return lines;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::string_view line : contract::split_words(text, "\n")) lines.emplace_back(line);
  return lines;
}

}  // namespace lifeboat::init
