#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "init/sys/result.hpp"

namespace lifeboat::init {

/// One row of a device's table (Documentation/admin-guide/device-mapper): rows follow each other without gaps.
struct MappedTarget {
  std::uint64_t size = 0;  ///< bytes
  std::string type;        ///< "linear", "striped", "verity"
  std::string parameters;  ///< as the kernel's documentation of the target has them
};

/// "linear" and "striped" over devices; `offset` is where on it, in bytes.
struct MappedPlace {
  std::string device;
  std::uint64_t offset = 0;
  bool operator==(const MappedPlace&) const = default;
};
MappedTarget linear_target(std::uint64_t size, const MappedPlace& place);
/// `size` is a multiple of chunk and of the places' number.
MappedTarget striped_target(std::uint64_t size, std::uint64_t chunk, const std::vector<MappedPlace>& places);

/// A device that holds data and, behind them, dm-verity's superblock (one block) and hashes: format 1, SHA-256.
struct VerityTarget {
  std::string device;  ///< "/dev/loop0"
  std::uint64_t block_size = 4096;
  std::uint64_t data_blocks = 0;
  std::string root_hash;  ///< 64 hexadecimal digits
  std::string salt;       ///< 64 hexadecimal digits
};

/// The parameters of the kernel's target "verity" (Documentation/admin-guide/device-mapper/verity.rst).
std::string verity_parameters(const VerityTarget& target);

/// Makes a read-only device; what it lies on is opened for reading alone. udev is told to leave it alone: no links by
/// its UUID, no probing. Returns its path, "/dev/dm-0". It stays until it is removed, or the machine ends. `doing` is
/// for messages.
Result<std::string> make_mapped_device(const std::string& name, const std::vector<MappedTarget>& table,
                                       const std::string& doing);

/// On a device that this makes every block is checked whenever it is read; a wrong one is EIO, and a uevent with
/// DM_VERITY_ERR_BLOCK_NR.
Result<std::string> make_verity_device(const std::string& name, const VerityTarget& target);

/// What `make_mapped_device` and others (LVM, cryptsetup) made, by its name. Refused while anybody has it open; nothing
/// is written but what the kernel itself still held back.
Status remove_mapped_device(const std::string& name);

/// Removes it now, or as soon as nobody has it open any more. Nothing of that name is fine.
void remove_mapped_device_later(const std::string& name);

/// A read-only device for a short look, while this lives.
class LookDevice {
 public:
  static Result<LookDevice> make(const std::string& name, const std::vector<MappedTarget>& table);
  LookDevice(LookDevice&& other) noexcept : name_(std::exchange(other.name_, {})), path_(std::move(other.path_)) {}
  LookDevice& operator=(LookDevice&&) = delete;
  ~LookDevice();

  const std::string& path() const noexcept { return path_; }

 private:
  LookDevice(std::string name, std::string path) : name_(std::move(name)), path_(std::move(path)) {}
  std::string name_, path_;
};

}  // namespace lifeboat::init
