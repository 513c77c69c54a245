#pragma once
#include <cstdint>
#include <string>

#include "init/sys/result.hpp"

namespace lifeboat::init {

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

/// Makes a read-only device on which every block is checked whenever it is read; a wrong one is EIO, and a uevent with
/// DM_VERITY_ERR_BLOCK_NR. Returns its path, "/dev/dm-0". It stays until the machine ends.
Result<std::string> make_verity_device(const std::string& name, const VerityTarget& target);

/// What `make_verity_device` and others (LVM, cryptsetup) made, by its name. Refused while anybody has it open; nothing
/// is written but what the kernel itself still held back.
Status remove_mapped_device(const std::string& name);

}  // namespace lifeboat::init
