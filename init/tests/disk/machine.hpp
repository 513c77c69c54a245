#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "builder/base/file.hpp"
#include "init/disk/discover.hpp"

namespace lifeboat::init::test {

inline constexpr std::uint64_t mib = 1 << 20;

/// A made-up /sys and /dev in a temporary folder.
class Machine {
 public:
  Machine();
  /// With the sysfs tree of init/tests/data/sysfs/NAME.txt.
  explicit Machine(const std::string& recorded);

  struct Part {
    std::uint64_t start;  ///< bytes
    std::uint64_t size;
  };
  /// A virtio disk in the next PCI slot, with the kernel's partitions NAME1, NAME2 ...
  void add_disk(const std::string& name, std::uint64_t size, const std::vector<Part>& parts = {});
  /// dev/NAME becomes a link to an image, a loop device, or whatever `target` is.
  void connect(const std::string& name, const std::filesystem::path& target) const;

  DiscoverOptions options() const;
  std::filesystem::path sysfs() const { return folder_.path() / "sys"; }
  std::filesystem::path dev() const { return folder_.path() / "dev"; }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TempDir folder_;
  int slot_ = 2;
};

/// Makes a file of `size` bytes without content.
std::filesystem::path make_image(const std::filesystem::path& path, std::uint64_t size);
/// Writes bytes into the middle of a file.
void poke(const std::filesystem::path& file, std::uint64_t offset, std::string_view bytes);
/// Copies a file to `offset` of another.
void put_into(const std::filesystem::path& image, const std::filesystem::path& part, std::uint64_t offset);
/// A folder with the os-release (a link, as distributions have it) and fstab of Debian 11.
std::filesystem::path make_debian_root(const std::filesystem::path& path);
/// An ext4 image of 16 MiB with that root.
std::filesystem::path make_debian_ext4(const std::filesystem::path& folder, const std::string& name);

/// A writable loop device on a part of a file, while this lives.
class LoopDevice {
 public:
  explicit LoopDevice(const std::filesystem::path& file, std::uint64_t offset = 0, std::uint64_t size = 0);
  LoopDevice(const LoopDevice&) = delete;
  LoopDevice& operator=(const LoopDevice&) = delete;
  ~LoopDevice();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Whether this test run may make loop devices and mount; says so where it may not.
bool can_mount();

}  // namespace lifeboat::init::test
