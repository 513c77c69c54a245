#include "builder/base/file.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

void sync_folder(const fs::path& folder) {
  Fd fd = open_file(folder, O_RDONLY | O_DIRECTORY);
  if (::fsync(fd.get()) != 0) throw system_error("syncing " + folder.string(), errno);
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

/// Unlinks a temporary file unless it was renamed away.
struct Unlink {
  fs::path path;
  ~Unlink() {
    if (!path.empty()) ::unlink(path.c_str());
  }
};

/// The mark that a folder is in use. None when another run swept the new folder away before it was marked.
Fd lock_folder(const fs::path& folder) {
  Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return {};
  if (!fd) throw system_error("opening " + folder.string(), errno);
  if (::flock(fd.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) return {};
  // A file system that has no locks at all loses the sweep, no more.
  struct stat status {};
  return ::fstat(fd.get(), &status) == 0 && status.st_nlink == 0 ? Fd() : std::move(fd);
}

std::string read_to_end(const Fd& fd, const fs::path& path, std::uint64_t limit) {
  std::string content;
  char buffer[65536];
  while (true) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw system_error("reading " + path.string(), errno);
    if (n == 0) return content;
    content.append(buffer, static_cast<std::size_t>(n));
    if (content.size() > limit) throw Error("reading " + path.string() + ": it is larger than " + format_size(limit));
  }
}

/// What `parent` holds now; nothing where it cannot be read.
std::vector<fs::path> entries_of(const fs::path& parent) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator at(parent, error), end; !error && at != end; at.increment(error))
    entries.push_back(at->path());
  return entries;
}

}  // namespace

std::string read_file(const fs::path& path) {
  const Fd fd = with_context("reading " + path.string(), [&] { return open_file(path, O_RDONLY); });
  return read_to_end(fd, path, std::numeric_limits<std::uint64_t>::max());
}

std::string read_small_file(const fs::path& path, std::uint64_t limit) {
  const Fd fd = with_context("reading " + path.string(), [&] { return open_file(path, O_RDONLY | O_NONBLOCK); });
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) throw system_error("reading " + path.string(), errno);
  if (!S_ISREG(status.st_mode)) throw Error("reading " + path.string() + ": it is not a regular file");
  return read_to_end(fd, path, limit);
}

void replace_file(const fs::path& path, std::string_view content, unsigned mode) {
  std::string temporary = (folder_of(path) / ("." + path.filename().string() + ".XXXXXX")).string();
  Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) throw system_error("creating a temporary file beside " + path.string(), errno);
  Unlink unlink{temporary};
  write_all(fd, content, path.string());
  if (::fchmod(fd.get(), static_cast<mode_t>(mode)) != 0 || ::fsync(fd.get()) != 0)
    throw system_error("writing " + path.string(), errno);
  if (::rename(temporary.c_str(), path.c_str()) != 0) throw system_error("replacing " + path.string(), errno);
  unlink.path.clear();
  sync_folder(folder_of(path));
}

void replace_directory(const fs::path& made, const fs::path& target) {
  sync_folder(made);
  if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0) {
    sync_folder(folder_of(target));
    return;
  }
  if (errno != EEXIST) throw system_error("moving the result to " + target.string(), errno);
  if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) != 0)
    throw system_error("replacing " + target.string(), errno);
  sync_folder(folder_of(target));
  std::error_code ignored;  // the new output is in place; what is left of the old one only costs room
  fs::remove_all(made, ignored);
}

void create_directories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw system_error("creating " + path.string(), error.value());
}

TempDir::TempDir(const fs::path& parent, std::string_view prefix) {
  while (!lock_) {
    std::string name = (parent / ("." + std::string(prefix) + "-XXXXXX")).string();
    if (::mkdtemp(name.data()) == nullptr)
      throw system_error("creating a temporary folder in " + parent.string(), errno);
    path_ = name;
    lock_ = lock_folder(path_);
  }
}

TempDir::TempDir(TempDir&& other) noexcept : path_(std::move(other.path_)), lock_(std::move(other.lock_)) {
  other.path_.clear();
}

TempDir::~TempDir() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

void remove_stale(const fs::path& parent, std::string_view prefix) {
  const std::string start = "." + std::string(prefix) + "-";
  for (const fs::path& entry : entries_of(parent)) {
    if (!entry.filename().string().starts_with(start)) continue;
    Fd fd(::open(entry.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    std::error_code ignored;  // what cannot be removed now is swept another time
    if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) fs::remove_all(entry, ignored);
  }
}

}  // namespace lifeboat
