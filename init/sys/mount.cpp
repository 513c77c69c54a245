#include "init/sys/mount.hpp"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "init/sys/folder.hpp"

namespace lifeboat::init {

Status mount_file_system(const Mount& mount) {
  if (Status made = make_folders(mount.target); !made) return made;
  const char* options = mount.options.empty() ? nullptr : mount.options.c_str();
  if (::mount(mount.source.c_str(), mount.target.c_str(), mount.type.c_str(), mount.flags, options) == 0) return Done{};
  return failure_from_errno("mounting " + mount.source + " (" + mount.type + ") at " + mount.target, errno);
}

Status move_mount(const std::string& from, const std::string& to) {
  if (Status made = make_folders(to); !made) return made;
  if (::mount(from.c_str(), to.c_str(), nullptr, MS_MOVE, nullptr) == 0) return Done{};
  return failure_from_errno("moving the mount " + from + " to " + to, errno);
}

Result<LoopDevice> attach_loop_device(const std::string& file) {
  auto backing = open_file(file, O_RDONLY);
  if (!backing) return backing.failure();
  auto control = open_file("/dev/loop-control", O_RDWR);
  if (!control) return control.failure();
  const int number = ::ioctl(control->get(), LOOP_CTL_GET_FREE);
  if (number < 0) return failure_from_errno("finding a free loop device", errno);
  const std::string path = "/dev/loop" + std::to_string(number);
  auto device = open_file(path, O_RDONLY);
  if (!device) return device.failure();
  loop_config config{};
  config.fd = static_cast<__u32>(backing->get());
  config.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR;
  if (::ioctl(device->get(), LOOP_CONFIGURE, &config) != 0)
    return failure_from_errno("attaching " + file + " to " + path, errno);
  return LoopDevice{std::move(*device), path};
}

Status make_folders(const std::string& path, unsigned mode) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), static_cast<mode_t>(mode)) != 0 && errno != EEXIST)
      return failure_from_errno("making the folder " + part, errno);
    if (end == std::string::npos) return Done{};
  }
}

std::string real_path(const std::string& path) {
  std::array<char, PATH_MAX> buffer{};
  return ::realpath(path.c_str(), buffer.data()) == nullptr ? path : buffer.data();
}

namespace {

void empty_folder(const std::string& folder, dev_t device, const std::vector<std::string>& keep) {
  for (const FolderEntry& entry : list_folder(folder)) {
    const std::string path = (folder == "/" ? "" : folder) + "/" + entry.name;
    struct stat found {};
    const bool kept = std::ranges::find(keep, path) != keep.end();
    if (kept || ::lstat(path.c_str(), &found) != 0 || found.st_dev != device) continue;
    if (S_ISDIR(found.st_mode)) {
      empty_folder(path, device, keep);
      ::rmdir(path.c_str());
    } else {
      ::unlink(path.c_str());
    }
  }
}

}  // namespace

void empty_folder(const std::string& folder, const std::vector<std::string>& keep) {
  struct stat found {};
  if (::stat(folder.c_str(), &found) == 0) empty_folder(folder, found.st_dev, keep);
}

Status switch_root(const std::string& root) {
  if (::chdir(root.c_str()) != 0) return failure_from_errno("entering " + root, errno);
  if (::mount(".", "/", nullptr, MS_MOVE, nullptr) != 0) return failure_from_errno("moving " + root + " to /", errno);
  if (::chroot(".") != 0 || ::chdir("/") != 0) return failure_from_errno("making " + root + " the root", errno);
  return Done{};
}

}  // namespace lifeboat::init
