#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "builder/base/fd.hpp"

namespace lifeboat {

/// The whole file as bytes. Throws Error("reading PATH: ...").
std::string read_file(const std::filesystem::path& path);

/// The same for a file from outside that should be small: Error for more than `limit` bytes, and for anything but a
/// regular file, without waiting for it (a FIFO).
std::string read_small_file(const std::filesystem::path& path, std::uint64_t limit);

/// Writes `path` so that a reader sees the old or the new content, never a part: temporary name in the same folder,
/// fsync, rename, fsync of the folder.
void replace_file(const std::filesystem::path& path, std::string_view content, unsigned mode = 0644);

/// Puts the finished folder `made` in the place of `target` in one step (renameat2 exchange; both on one file system)
/// and removes what was there. A failure leaves `target` as it was.
void replace_directory(const std::filesystem::path& made, const std::filesystem::path& target);

/// mkdir -p with Error("creating PATH: ...").
void create_directories(const std::filesystem::path& path);

/// A folder that exists only while its owner does, made as PARENT/.PREFIX-XXXXXX (mode 0700). It holds a lock, so
/// that remove_stale can tell a folder in use from what a killed run left.
class TempDir {
 public:
  TempDir(const std::filesystem::path& parent, std::string_view prefix);
  TempDir(TempDir&& other) noexcept;
  TempDir& operator=(TempDir&&) = delete;
  ~TempDir();

  const std::filesystem::path& path() const noexcept { return path_; }
  /// Keeps the folder: the caller has moved it, or wants it left for a look.
  void keep() noexcept { path_.clear(); }

 private:
  std::filesystem::path path_;
  Fd lock_;
};

/// Removes PARENT/.PREFIX-* folders that no running process holds (a run that was killed left them).
void remove_stale(const std::filesystem::path& parent, std::string_view prefix);

}  // namespace lifeboat
