#include "init/rescue/mount_device.hpp"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "init/disk/file_systems.hpp"
#include "init/rescue/tools.hpp"
#include "init/rescue/within.hpp"
#include "init/sys/program.hpp"
#include "init/sys/read_only_mount.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds mount_limit{60'000};  // a large journal is replayed, a large btrfs reads its trees

std::string kernel_type(const std::string& type) {
  const FileSystemKind* kind = find_file_system_kind(type);
  return kind == nullptr || kind->kernel_type.empty() ? type : std::string(kind->kernel_type);
}

void append(std::string& options, std::string_view more) {
  if (!more.empty()) options += (options.empty() ? "" : ",") + std::string(more);
}

/// The kernel knows one device for each btrfs UUID: a clone that was looked at before would be in the way.
void forget_btrfs() {
  const auto control = open_file("/dev/btrfs-control", O_RDWR);
  btrfs_ioctl_vol_args all{};
  if (control) ::ioctl(control->get(), BTRFS_IOC_FORGET_DEV, &all);
}

Status mount_by_kernel(const MountWish& wish, const Fd& folder) {
  if (wish.type == "btrfs") forget_btrfs();
  constexpr unsigned always = MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME;
  auto mount = make_mount(wish.device, kernel_type(wish.type), mount_options(wish), wish.write,
                          wish.write ? always : always | MOUNT_ATTR_RDONLY);
  return mount ? attach_mount(*mount, folder) : mount.failure();
}

/// ntfs-3g is a program: what Windows left undone it replays only where it is mounted for writing.
Status mount_ntfs(const MountWish& wish, const std::string& point) {
  auto program = find_tool("ntfs-3g");
  if (!program) return program.failure();
  auto mounted =
      run_checked("mounting " + wish.device,
                  {.argv = {*program, wish.device, point, "-o", std::string(wish.write ? "rw" : "ro") + ",noatime"},
                   .limit = mount_limit});
  if (!mounted) return mounted.failure();
  return Done{};
}

/// What `rescue mount` opened is closed again before the person reads this: a hint names what stays.
Failure with_hint(Failure failure, const std::string& device) {
  constexpr std::array damaged = {EINVAL, EIO, EUCLEAN, EBADMSG};
  if (std::ranges::find(damaged, failure.number) == damaged.end()) return failure;
  const bool stays = !device.starts_with("/dev/mapper/") && !device.starts_with("/dev/md");
  failure.what += "\nhint: `dmesg` has the kernel's words";
  if (stays) failure.what += "; `rescue fsck " + device + "` checks it and writes nothing";
  return failure;
}

}  // namespace

std::string mount_options(const MountWish& wish) {
  std::string options;
  if (!wish.write) {
    const FileSystemKind* kind = find_file_system_kind(wish.type);
    options = kind == nullptr ? "" : std::string(kind->options);
    if (wish.type == "f2fs") options = "norecovery";
  } else if (wish.type == "xfs") {
    options = "nouuid";  // a clone may be mounted
  }
  append(options, wish.subvolume);
  append(options, wish.more_devices);
  return options;
}

std::string subvolume_option(std::string_view options) {
  while (!options.empty()) {
    const std::string_view option = options.substr(0, options.find(','));
    if (option.starts_with("subvol=") || option.starts_with("subvolid=")) return std::string(option);
    options.remove_prefix(std::min(option.size() + 1, options.size()));
  }
  return {};
}

Status mount_device(const MountWish& wish, const Fd& folder, const std::string& point, Session& session) {
  session.steps.push_back({"mount", point, wish.device, wish.type});
  if (Status noted = write_session(session); !noted) return noted;
  Status mounted = wish.type == "ntfs" ? mount_ntfs(wish, point)
                                       : do_within("mounting " + wish.device, mount_limit,
                                                   [&] { return mount_by_kernel(wish, folder); });
  if (mounted) return mounted;
  session.steps.pop_back();
  static_cast<void>(write_session(session));
  if (wish.type == "btrfs" && mounted.failure().number == EEXIST)
    return Failure{mounted.error() +
                   ": its clone is mounted, and Linux takes one of them at a time\nhint: findmnt -t btrfs"
                   " shows it; umount that first"};
  return with_hint(mounted.failure(), wish.device);
}

}  // namespace lifeboat::init
