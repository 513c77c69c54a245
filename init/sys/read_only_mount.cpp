#include "init/sys/read_only_mount.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "init/sys/aside.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

/// The kernel's own words about a mount that failed, where it has any ("ext4: bad geometry ..."), else errno's.
Failure mount_failure(const Fd& context, const std::string& doing, int error_number) {
  char message[512];
  const ssize_t n = ::read(context.get(), message, sizeof message);  // one message a call: "e ext4: ..."
  if (n <= 2 || message[0] != 'e') return failure_from_errno(doing, error_number);
  std::string_view text(message + 2, static_cast<std::size_t>(n - 2));
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  return Failure{doing + ": " + std::string(text), error_number};
}

bool set_option(const Fd& context, std::string_view option) {
  const std::size_t equals = option.find('=');
  const std::string key(option.substr(0, equals));
  if (equals == std::string_view::npos)
    return ::fsconfig(context.get(), FSCONFIG_SET_FLAG, key.c_str(), nullptr, 0) == 0;
  const std::string value(option.substr(equals + 1));
  return ::fsconfig(context.get(), FSCONFIG_SET_STRING, key.c_str(), value.c_str(), 0) == 0;
}

bool set_options(const Fd& context, std::string_view options) {
  while (!options.empty()) {
    const std::size_t comma = options.find(',');
    if (!set_option(context, options.substr(0, comma))) return false;
    options.remove_prefix(comma == std::string_view::npos ? options.size() : comma + 1);
  }
  return true;
}

Result<Fd> open_inside(const Fd& root, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<__u64>(flags | O_RDONLY | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
  const long fd = ::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how);
  if (fd < 0) return failure_from_errno("opening " + path, errno);
  return Fd(static_cast<int>(fd));
}

}  // namespace

Result<ReadOnlyDevice> ReadOnlyDevice::hold(const std::string& path) {
  // O_EXCL on a block device asks for it alone: EBUSY while something is mounted from it.
  if (auto alone = open_file(path, O_RDONLY | O_NONBLOCK | O_EXCL); !alone) return alone.failure();
  auto device = open_file(path, O_RDONLY | O_NONBLOCK);
  if (!device) return device.failure();
  const std::string name = path.substr(path.rfind('/') + 1);
  const NotedProtection noted = noted_protection(name);
  int was = 0;
  if (::ioctl(device->get(), BLKROGET, &was) != 0)
    return failure_from_errno("asking whether " + path + " is read-only", errno);
  const int read_only = 1;
  if (::ioctl(device->get(), BLKROSET, &read_only) != 0)
    return failure_from_errno("making " + path + " read-only", errno);
  return ReadOnlyDevice(std::move(*device), was, name, noted);
}

/// As it was; who was given the right to write to it meanwhile, or gave it back, and PID 1, which protected it, finds
/// it as he left it.
ReadOnlyDevice::~ReadOnlyDevice() {
  if (!device_) return;
  constexpr int most_turns = 10;  // each of them takes another command in between
  int read_only = was_;
  for (int turn = 0; turn < most_turns; ++turn) {
    ::ioctl(device_.get(), BLKROSET, &read_only);
    const NotedProtection now = noted_protection(name_);
    if (now == noted_) return;
    if (now.may_be_written != noted_.may_be_written || now.by_us) read_only = now.may_be_written ? 0 : 1;
    noted_ = now;
  }
}

/// Linux 5.17 on keeps whoever loads a module while any disk that is being probed does not answer; the driver is
/// there long before. So a child asks for it, and this process looks whether it came.
void load_file_system(const std::string& type) {
  constexpr int most_looks = 12;  // some 13 seconds
  const auto is_there = [line = "\t" + type + "\n"] {
    return read_file("/proc/filesystems", std::size_t{1} << 16).value_or("").find(line) != std::string::npos;
  };
  for (int look = 0; look < most_looks && !is_there(); ++look) {
    const auto ask = [&] { return Fd(::fsopen(type.c_str(), FSOPEN_CLOEXEC)) ? 0 : 1; };
    if (run_aside(Clock::now() + Milliseconds(500 + 100 * look), ask)) return;
  }
}

Result<Fd> mount_read_only(const std::string& device, const std::string& type, std::string_view options) {
  return make_mount(device, type, options, false,
                    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOATIME);
}

Result<Fd> make_mount(const std::string& device, const std::string& type, std::string_view options, bool write,
                      unsigned attributes) {
  const std::string doing = "mounting " + device + (write ? " for writing" : " read-only");
  const Fd context(::fsopen(type.c_str(), FSOPEN_CLOEXEC));
  if (!context && errno == ENODEV) return Failure{doing + ": this kernel has no driver for " + type, ENODEV};
  if (!context) return failure_from_errno(doing, errno);
  const bool set = ::fsconfig(context.get(), FSCONFIG_SET_STRING, "source", device.c_str(), 0) == 0 &&
                   (write || ::fsconfig(context.get(), FSCONFIG_SET_FLAG, "ro", nullptr, 0) == 0) &&
                   set_options(context, options);
  if (!set || ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
    return mount_failure(context, doing, errno);
  Fd root(::fsmount(context.get(), FSMOUNT_CLOEXEC, attributes));
  if (!root) return mount_failure(context, doing, errno);
  return root;
}

Status attach_mount(const Fd& mount, const Fd& folder) {
  if (::move_mount(mount.get(), "", folder.get(), "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0)
    return Done{};
  return failure_from_errno("mounting there", errno);
}

Result<std::string> read_file_inside(const Fd& root, const std::string& path, std::size_t limit) {
  // O_NONBLOCK: opening a FIFO must not wait for its writer; it is refused below.
  auto file = open_inside(root, path, O_NONBLOCK | O_NOCTTY);
  if (!file) return file.failure();
  struct stat status {};
  if (::fstat(file->get(), &status) != 0) return failure_from_errno("reading " + path, errno);
  if (!S_ISREG(status.st_mode)) return Failure{"reading " + path + ": not a regular file"};
  std::string content(limit + 1, '\0');
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t n = ::read(file->get(), content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure_from_errno("reading " + path, errno);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  if (done > limit) return Failure{"reading " + path + ": longer than " + std::to_string(limit) + " bytes"};
  content.resize(done);
  return content;
}

std::vector<std::string> list_folder_inside(const Fd& root, const std::string& path, std::size_t most) {
  auto folder = open_inside(root, path, O_DIRECTORY);
  return folder ? list_open_folder(std::move(*folder), most) : std::vector<std::string>();
}

Result<Fd> open_folder_inside(const Fd& root, const std::string& path) {
  return open_inside(root, path, O_DIRECTORY | O_PATH);
}

}  // namespace lifeboat::init
