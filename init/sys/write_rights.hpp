#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "init/sys/result.hpp"

namespace lifeboat::init {

/// That a device, by its kernel name ("vda1"), may be written to; a disk stands for its partitions as well.
struct WriteRight {
  std::string device;
  /// Who asked: what ends with `rescue fsck` does not end with it where `rescue write` was given, too.
  std::string owner;
  bool operator==(const WriteRight&) const = default;
};

inline constexpr const char* owner_write = "rescue-write";
inline constexpr const char* owner_mount = "rescue-mount";
inline constexpr const char* owner_hand = "blockdev";
std::string owner_this_process();

/// A device that might be written to in this session.
struct WrittenDevice {
  std::string device;
  std::uint64_t disk_sequence = 0;  ///< the kernel's number of the disk's attachment; 0: it has none
  bool operator==(const WrittenDevice&) const = default;
};

/// What the person asked for. Adding and removing the same again changes nothing.
struct WriteRights {
  std::vector<WriteRight> now;  ///< not protected at present
  std::vector<WrittenDevice> ever;
  bool operator==(const WriteRights&) const = default;

  std::vector<std::string> devices() const;  ///< of now, each once
  void add(const WriteRight& right, std::uint64_t disk_sequence);
  void remove(const WriteRight& right);
  void remove_disk(const std::string& disk);  ///< and its partitions, whoever asked
};

/// Where they are noted.
constexpr const char* rights_folder = "/run/lifeboat";

WriteRights read_write_rights(const std::string& folder = rights_folder);

/// One after the other, so that of what two note at the same time both is kept; who holds the lock for longer than two
/// seconds holds up nobody. Returns the rights as they are then.
Result<WriteRights> change_write_rights(const std::function<void(WriteRights&)>& change,
                                        const std::string& folder = rights_folder);

/// The disks that the kernel has write-protected for us alone: they are not so by themselves.
std::vector<std::string> read_protected_by_us(const std::string& folder = rights_folder);
Status add_protected_by_us(const std::string& disk, const std::string& folder = rights_folder);

/// The disk is gone: another that gets its name is protected anew, whatever was asked for this one. PID 1 calls it:
/// blocks for a fifth of a second at most.
Status forget_disk(const std::string& disk, const std::string& folder = rights_folder);

/// Whether it is that disk or a partition of it, by the kernel's way to name them: "sda1", "nvme0n1p1".
bool is_part_of(const std::string& name, const std::string& disk);

}  // namespace lifeboat::init
