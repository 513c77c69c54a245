#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {

/// Makes a block device read-only for the kernel (BLKROSET) while this lives, and gives it back as it was.
/// Needed even for a read-only mount: ext4 frees deleted files then, and that writes. A file that is no block
/// device, and a device that is in use (mounted, part of a RAID or volume group), is a Failure.
class ReadOnlyDevice {
 public:
  static Result<ReadOnlyDevice> hold(const std::string& path);
  ReadOnlyDevice(ReadOnlyDevice&& other) noexcept = default;
  ReadOnlyDevice& operator=(ReadOnlyDevice&&) = delete;
  ~ReadOnlyDevice();

  const Fd& fd() const noexcept { return device_; }

 private:
  ReadOnlyDevice(Fd device, int was, std::string name, NotedProtection noted)
      : device_(std::move(device)), was_(was), name_(std::move(name)), noted_(noted) {}
  Fd device_;
  int was_;  ///< BLKROGET before
  std::string name_;
  NotedProtection noted_;  ///< before
};

/// Has the kernel load a file system's driver, where it is not there yet. Whether it came shows when it is mounted.
void load_file_system(const std::string& type);

/// Mounts a block device read-only, nodev, nosuid, noexec, noatime; `options` are the file system's own, "noload" or
/// "norecovery,nouuid". The mount is attached to no folder of any namespace: the Fd is its root, and closing it
/// unmounts. Linux 5.2 on.
Result<Fd> mount_read_only(const std::string& device, const std::string& type, std::string_view options);

/// The same with the attributes of the mount (MOUNT_ATTR_*) said; with `write`, for writing.
Result<Fd> make_mount(const std::string& device, const std::string& type, std::string_view options, bool write,
                      unsigned attributes);

/// Attaches such a mount to a folder (opened with O_PATH): it stays when the Fd is closed.
Status attach_mount(const Fd& mount, const Fd& folder);

/// A regular file below `root`, at most `limit` bytes. Symbolic links, absolute ones too, stay below `root`; a FIFO,
/// a device or a longer file is a Failure. Linux 5.6 on.
Result<std::string> read_file_inside(const Fd& root, const std::string& path, std::size_t limit);

/// The names in a folder below `root`, sorted; of one that has more than `most` only some. Empty: there is none.
std::vector<std::string> list_folder_inside(const Fd& root, const std::string& path, std::size_t most);

/// A folder below `root`, for the calls above.
Result<Fd> open_folder_inside(const Fd& root, const std::string& path);

}  // namespace lifeboat::init
