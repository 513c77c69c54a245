#pragma once
#include <functional>
#include <string>
#include <vector>

#include "init/sys/clock.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Which devices the person asked to write to, by kernel names ("vda1"); a disk stands for its partitions as well.
struct WriteRights {
  /// Not protected at present. A name is there once for each who asked and is not done: what ends with `rescue fsck`
  /// does not end with it where `rescue write` was given, too.
  std::vector<std::string> now;
  std::vector<std::string> ever;  ///< in this session, each once
  bool operator==(const WriteRights&) const = default;

  void add(const std::string& name);
  /// For one of those who asked.
  void remove(const std::string& name);
  /// For all: those of a disk and its partitions.
  void remove_disk(const std::string& disk);
};

/// Where they are noted.
constexpr const char* rights_folder = "/run/lifeboat";

WriteRights read_write_rights(const std::string& folder = rights_folder);

/// One after the other, so that of what two note at the same time both is kept: for as long as `patience` says, after
/// which who holds the lock holds up nobody. Returns the rights as they are then.
Result<WriteRights> change_write_rights(const std::function<void(WriteRights&)>& change,
                                        Milliseconds patience = Milliseconds{2'000},
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
