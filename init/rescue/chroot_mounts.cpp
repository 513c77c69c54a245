#include "init/rescue/chroot_mounts.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <string_view>

#include "init/sys/inside.hpp"

namespace lifeboat::init {
namespace {

/// Lays a mount over a folder or file below the root. All is done by descriptors: no link of the original's leads out.
Status attach(const Fd& mount, const Fd& root, const std::string& path) {
  const auto place = open_below(root, path, O_PATH);
  if (!place) return place.failure();
  constexpr unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  if (::move_mount(mount.get(), "", place->get(), "", flags) == 0) return Done{};
  return failure_from_errno("mounting over the original's " + path, errno);
}

Result<Fd> make_mount(const std::string& type, unsigned attributes, const char* mode = nullptr) {
  const Fd context(::fsopen(type.c_str(), FSOPEN_CLOEXEC));
  const bool set = context && (mode == nullptr || ::fsconfig(context.get(), FSCONFIG_SET_STRING, "mode", mode, 0) == 0);
  if (!set || ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
    return failure_from_errno("making a " + type, errno);
  Fd mount(::fsmount(context.get(), FSMOUNT_CLOEXEC, attributes));
  if (!mount) return failure_from_errno("making a " + type, errno);
  return mount;
}

/// A folder or file of ours as a mount, with all that is mounted below it.
Result<Fd> clone(const std::string& path) {
  Fd tree(::open_tree(AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
  if (!tree) return failure_from_errno("mounting " + path + " a second time", errno);
  return tree;
}

Status attach_if_made(const Result<Fd>& mount, const Fd& root, const std::string& path) {
  if (!mount) return mount.failure();
  Status attached = attach(*mount, root, path);
  return !attached && attached.failure().number == ENOENT ? Status(Done{}) : attached;  // the root has no such folder
}

/// In memory, with what udev and the RAID's monitor know; the rest of /run is this session's own.
Status mount_run(const Fd& root) {
  const auto run = make_mount("tmpfs", MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID, "0755");
  if (!run) return run.failure();
  ::mkdirat(run->get(), "lock", 0777);
  ::fchmodat(run->get(), "lock", 01777, 0);
  ::mkdirat(run->get(), "sshd", 0755);  // Debian's sshd refuses even its test without it
  if (Status mounted = attach(*run, root, "run"); !mounted) return mounted;
  for (const char* name : {"udev", "mdadm", "cryptsetup"}) {
    const auto ours = clone(std::string("/run/") + name);
    if (ours && ::mkdirat(run->get(), name, 0755) == 0)
      static_cast<void>(attach(*ours, root, std::string("run/") + name));
  }
  return Done{};
}

/// "systemd/resolve/stub-resolv.conf" for "../run/systemd/resolve/stub-resolv.conf"; empty: the link leads elsewhere.
std::string path_in_run(std::string_view link) {
  while (link.starts_with("/") || link.starts_with("../")) link.remove_prefix(link.starts_with("/") ? 1 : 3);
  if (link.starts_with("var/")) link.remove_prefix(4);
  if (!link.starts_with("run/") || ("/" + std::string(link) + "/").find("/../") != std::string::npos) return {};
  return std::string(link.substr(4));
}

/// The original's resolv.conf may be a link into /run, whose file nobody made: it is made in the one in memory.
void make_target_in_run(const Fd& root, const Fd& run) {
  const auto folder = open_below(root, "etc", O_PATH | O_DIRECTORY);
  std::array<char, PATH_MAX> link{};
  const ssize_t size = folder ? ::readlinkat(folder->get(), "resolv.conf", link.data(), link.size()) : -1;
  const std::string path = path_in_run({link.data(), static_cast<std::size_t>(size < 0 ? 0 : size)});
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
    ::mkdirat(run.get(), path.substr(0, slash).c_str(), 0755);
  const Fd made(::openat(run.get(), path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
}

/// A copy of ours over the original's: it is read with the original's own configuration gone, and what a program
/// writes to it is lost. Not where the original has none: making one would write to its disk.
void mount_resolver(const Fd& root) {
  const auto run = open_below(root, "run", O_RDONLY | O_DIRECTORY);
  const auto text = read_file("/etc/resolv.conf", 65536);
  if (!run || !text) return;
  const Fd copy(::openat(run->get(), "rescue-resolv.conf", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!copy || ::write(copy.get(), text->data(), text->size()) != static_cast<ssize_t>(text->size())) return;
  make_target_in_run(root, *run);
  const Fd tree(::open_tree(run->get(), "rescue-resolv.conf", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
  if (tree) static_cast<void>(attach(tree, root, "etc/resolv.conf"));
}

void mount_efi_variables(const Fd& root) {
  const std::string path = "sys/firmware/efi/efivars";
  if (!has_folder_below(root, path) || !list_below(root, path, 1).empty()) return;
  static_cast<void>(
      attach_if_made(make_mount("efivarfs", MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC), root, path));
}

/// The root and all that is mounted below it once more, over the first. Linux 5.12 on.
Result<Fd> clone_read_only(const std::string& at) {
  auto tree = clone(at);
  if (!tree) return tree.failure();
  mount_attr read_only{};
  read_only.attr_set = MOUNT_ATTR_RDONLY;
  if (::mount_setattr(tree->get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &read_only, sizeof read_only) != 0 ||
      ::move_mount(tree->get(), "", AT_FDCWD, at.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0)
    return failure_from_errno("making " + at + " read-only for this command", errno);
  return open_file(at, O_RDONLY | O_DIRECTORY);
}

bool is_read_only(const Fd& root) {
  struct statvfs status {};
  return ::fstatvfs(root.get(), &status) == 0 && (status.f_flag & ST_RDONLY) != 0;
}

}  // namespace

Result<Fd> prepare_mounts(const std::string& at, bool read_only) {
  auto root = read_only ? clone_read_only(at) : open_file(at, O_RDONLY | O_DIRECTORY);
  if (!root) return root.failure();
  constexpr unsigned plain = MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
  if (Status dev = attach_if_made(clone("/dev"), *root, "dev"); !dev) return dev.failure();
  if (Status proc = attach_if_made(make_mount("proc", plain), *root, "proc"); !proc) return proc.failure();
  if (Status sys = attach_if_made(clone("/sys"), *root, "sys"); !sys) return sys.failure();
  mount_efi_variables(*root);
  if (mount_run(*root)) mount_resolver(*root);
  if (is_read_only(*root))
    for (const char* folder : {"tmp", "var/tmp"})
      static_cast<void>(
          attach_if_made(make_mount("tmpfs", MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID, "1777"), *root, folder));
  return root;
}

}  // namespace lifeboat::init
