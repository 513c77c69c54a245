#include "init/sys/inside.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <utility>

#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t largest_file = std::size_t{16} << 20;  // of those that are replaced

Result<Fd> open_how_below(const Fd& root, const std::string& path, int flags, unsigned mode, unsigned resolve) {
  open_how how{};
  how.flags = static_cast<__u64>(flags | O_CLOEXEC);
  how.mode = mode;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve;
  const long fd = ::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how);
  if (fd < 0) return failure_from_errno("opening " + path, errno);
  return Fd(static_cast<int>(fd));
}

std::string name_of(const Fd& fd) {
  std::array<char, PATH_MAX> path{};
  const ssize_t size = ::readlink(("/proc/self/fd/" + std::to_string(fd.get())).c_str(), path.data(), path.size());
  return {path.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

Result<std::string> read_open(const Fd& file, const std::string& path, std::size_t limit) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failure_from_errno("reading " + path, errno);
  if (!S_ISREG(status.st_mode)) return Failure{"reading " + path + ": not a regular file"};
  std::string content;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t n = ::read(file.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure_from_errno("reading " + path, errno);
    if (n == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(n));
    if (content.size() > limit) return Failure{"reading " + path + ": longer than " + std::to_string(limit) + " bytes"};
  }
}

/// SELinux's label, ACLs, capabilities; what the other file system cannot take is left out.
void copy_attributes(const Fd& from, const Fd& to) {
  std::array<char, 65536> names{}, value{};
  const ssize_t size = ::flistxattr(from.get(), names.data(), names.size());
  for (const char* name = names.data(); size > 0 && name < names.data() + size;
       name += std::string_view(name).size() + 1)
    if (const ssize_t length = ::fgetxattr(from.get(), name, value.data(), value.size()); length >= 0)
      ::fsetxattr(to.get(), name, value.data(), static_cast<std::size_t>(length), 0);
}

Status fill(const Fd& file, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t n = ::write(file.get(), content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure_from_errno("writing " + path, errno);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return Done{};
}

/// A new file in `folder` like `model`, on the disk when this returns.
Status write_like(const Fd& folder, const std::string& name, std::string_view content, const Fd& model) {
  const Fd file(::openat(folder.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return failure_from_errno("making " + name, errno);
  struct stat status {};
  Status written = fill(file, content, name);
  const bool same = ::fstat(model.get(), &status) == 0 && ::fchown(file.get(), status.st_uid, status.st_gid) == 0 &&
                    ::fchmod(file.get(), status.st_mode & 07777U) == 0;
  copy_attributes(model, file);
  if (written && same && ::fsync(file.get()) == 0) return Done{};
  const int error = errno;
  ::unlinkat(folder.get(), name.c_str(), 0);  // a full file system gets its bytes back
  return written ? Status(failure_from_errno("writing " + name, error)) : written;
}

/// An open file, the folder that it really is in, and its name there.
struct Place {
  Fd file, folder;
  std::string name;
};

Result<Place> find_place(const Fd& root, const std::string& path) {
  auto file = open_below(root, path, O_RDONLY);
  auto real = file ? resolve_below(root, path) : Result<std::string>(file.failure());
  if (!real) return real.failure();
  const std::size_t slash = real->rfind('/');
  auto folder =
      open_how_below(root, slash == 0 ? "/" : real->substr(0, slash), O_RDONLY | O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS);
  if (!folder) return folder.failure();
  const std::string name = real->substr(slash + 1);
  struct stat opened {
  }, there{};
  if (::fstat(file->get(), &opened) != 0 || ::fstatat(folder->get(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0 ||
      opened.st_ino != there.st_ino || opened.st_dev != there.st_dev)
    return Failure{path + " was replaced meanwhile"};
  return Place{std::move(*file), std::move(*folder), name};
}

}  // namespace

Result<Fd> open_below(const Fd& root, const std::string& path, int flags) {
  const int bounded = (flags & O_PATH) != 0 ? 0 : O_NONBLOCK | O_NOCTTY;  // openat2 takes no flag without a meaning
  return open_how_below(root, path, flags | bounded, 0, 0);
}

Result<std::string> read_below(const Fd& root, const std::string& path, std::size_t limit) {
  const auto file = open_below(root, path, O_RDONLY);
  return file ? read_open(*file, path, limit) : Result<std::string>(file.failure());
}

std::vector<std::string> list_below(const Fd& root, const std::string& path, std::size_t most) {
  auto folder = open_below(root, path, O_RDONLY | O_DIRECTORY);
  return folder ? list_open_folder(std::move(*folder), most) : std::vector<std::string>();
}

std::optional<struct stat> stat_below(const Fd& root, const std::string& path) {
  const auto file = open_how_below(root, path, O_PATH, 0, 0);
  struct stat status {};
  if (!file || ::fstat(file->get(), &status) != 0) return std::nullopt;
  return status;
}

bool has_file_below(const Fd& root, const std::string& path) {
  const auto status = stat_below(root, path);
  return status && S_ISREG(status->st_mode) && status->st_size > 0;
}

bool has_folder_below(const Fd& root, const std::string& path) {
  const auto status = stat_below(root, path);
  return status && S_ISDIR(status->st_mode);
}

Result<std::string> resolve_below(const Fd& root, const std::string& path) {
  const auto file = open_how_below(root, path, O_PATH, 0, 0);
  if (!file) return file.failure();
  const std::string top = name_of(root), real = name_of(*file);
  if (top == "/") return real;
  if (!real.starts_with(top + "/")) return real == top ? Result<std::string>("/") : Failure{path + " has no name"};
  return real.substr(top.size());
}

Status replace_below(const Fd& root, const std::string& path, std::string_view content, const std::string& backup) {
  const auto place = find_place(root, path);
  const auto before = place ? read_open(place->file, path, largest_file) : Result<std::string>(place.failure());
  if (!before) return before.failure();
  const std::string temporary = "." + place->name + ".rescue-new";
  ::unlinkat(place->folder.get(), temporary.c_str(), 0);  // of one that was interrupted
  if (!backup.empty())
    if (Status kept = write_like(place->folder, place->name + backup, *before, place->file); !kept) return kept;
  if (Status written = write_like(place->folder, temporary, content, place->file); !written) return written;
  if (::renameat(place->folder.get(), temporary.c_str(), place->folder.get(), place->name.c_str()) != 0)
    return failure_from_errno("replacing " + path, errno);
  return ::fsync(place->folder.get()) == 0 ? Status(Done{}) : failure_from_errno("replacing " + path, errno);
}

Status create_below(const Fd& root, const std::string& path, std::string_view content, unsigned mode) {
  const auto file = open_how_below(root, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode, 0);
  if (!file) return file.failure();
  if (Status written = fill(*file, content, path); !written) return written;
  return ::fsync(file->get()) == 0 ? Status(Done{}) : failure_from_errno("writing " + path, errno);
}

}  // namespace lifeboat::init
