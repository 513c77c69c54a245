#include "init/source/volume.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "init/sys/fd.hpp"
#include "init/sys/mount.hpp"

namespace lifeboat::init {
namespace {

/// For all of them, each in its own namespace; nobody removes it, since another may be about to mount there.
constexpr const char* mount_point = "/run/lifeboat/volume";
constexpr std::size_t largest_file = std::size_t{1} << 20;

/// Opens a plain file below the folder; no link leads anywhere, nothing blocks.
Result<Fd> open_beneath(const Fd& folder, const char* path) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
  Fd fd(static_cast<int>(::syscall(SYS_openat2, folder.get(), path, &how, sizeof how)));
  if (!fd) return failure_from_errno(std::string("opening ") + path, errno);
  struct stat found {};
  if (::fstat(fd.get(), &found) != 0) return failure_from_errno(std::string("looking at ") + path, errno);
  if (!S_ISREG(found.st_mode)) return Failure{std::string(path) + ": not a plain file"};
  return fd;
}

Result<Secret> read_limited(const Fd& fd, const char* path) {
  std::string content(largest_file + 1, '\0');
  std::size_t have = 0;
  while (have < content.size()) {
    const ssize_t count = ::read(fd.get(), content.data() + have, content.size() - have);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure_from_errno(std::string("reading ") + path, errno);
    if (count == 0) break;
    have += static_cast<std::size_t>(count);
  }
  content.resize(have);
  Secret secret(std::move(content));
  if (have > largest_file) return Failure{std::string(path) + ": larger than 1 MiB"};
  return secret;
}

/// A mount namespace that ends with this process, and does not spread to the others.
Status enter_private_mounts() {
  if (::unshare(CLONE_NEWNS) != 0) return failure_from_errno("making a private mount namespace", errno);
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return failure_from_errno("making the mounts private", errno);
  return Done{};
}

}  // namespace

Status with_volume(const std::string& device, const VolumeLabel& label,
                   const std::function<void(const std::string&)>& load_module,
                   const std::function<void(const std::string& folder)>& read) {
  load_module(label.type == "iso9660" ? "isofs" : label.type);
  if (Status entered = enter_private_mounts(); !entered) return entered;
  const Mount mount{device, mount_point, label.type, MS_RDONLY | MS_NODEV | MS_NOSUID | MS_NOEXEC};
  if (Status mounted = mount_file_system(mount); !mounted) return mounted;
  read(mount_point);
  ::umount2(mount_point, MNT_DETACH);
  return Done{};
}

Result<Secret> read_volume_file(const std::string& folder, const char* path) {
  auto root = open_file(folder, O_PATH | O_DIRECTORY);
  if (!root) return root.failure();
  auto file = open_beneath(*root, path);
  if (!file) return file.failure();
  return read_limited(*file, path);
}

Result<Secret> read_optional_volume_file(const std::string& folder, const char* path) {
  auto content = read_volume_file(folder, path);
  if (!content && content.failure().number == ENOENT) return Secret();
  return content;
}

}  // namespace lifeboat::init
