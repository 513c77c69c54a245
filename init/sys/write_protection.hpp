#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "init/sys/result.hpp"
#include "init/sys/write_rights.hpp"

namespace lifeboat::init {

// The kernel's write protection (BLKROSET) of disks and partitions: no file system is mounted for writing then, and no
// program can write to the device itself. Since Linux 5.11 a partition is protected as its disk is, too.
// What a device lies over (dm, md) is asked when it is made; a layer that has it open for writing already goes on.

/// A disk of the kernel and its partitions, by their kernel names.
struct BlockDisk {
  std::string name;                     ///< "vda"
  std::vector<std::string> partitions;  ///< "vda1"
  bool operator==(const BlockDisk&) const = default;
};

/// Disks that may be somebody's: not CDs and floppies, what is in memory or lies over others (loop, ram, zram, dm, md),
/// and `own_disk`, the medium that the rescue system runs from.
std::vector<BlockDisk> list_protected_disks(const std::string& own_disk, const std::string& sys = "/sys");

/// The whole disk of a partition: "vda" of "vda1"; itself of a disk; empty: the kernel knows neither.
std::string disk_of(const std::string& name, const std::string& sys = "/sys");

/// The kernel's number of this attachment of the disk (diskseq); 0: it has none (before Linux 5.15), or is gone.
std::uint64_t disk_sequence(const std::string& disk);

/// Whether the device of that disk stays as it is, since the person asked to write to it, or to all of its disk, or it
/// is the disk of such a partition. `asked`: devices.
bool may_be_written(const std::vector<std::string>& asked, const std::string& name, const std::string& disk);

/// What is noted about one device.
struct NotedProtection {
  bool may_be_written = false;
  bool by_us = false;  ///< its disk is protected, or was until somebody lifted that by hand
  bool operator==(const NotedProtection&) const = default;
};
NotedProtection noted_protection(const std::string& name);

/// As the kernel says it, without the device.
bool is_read_only(const std::string& name);

/// Sets or lifts the protection of one device, "vda1". Blocks as long as the disk does.
Status set_write_protection(const std::string& name, bool on);

/// Protects what is not to be written to of these disks, each aside within its own two seconds: a dead one costs no
/// more. `asked`: the rights, asked for anew at each device, since somebody may be given one meanwhile. Returns a line
/// for each that could not be.
std::string protect_disks(const std::vector<BlockDisk>& disks, const std::function<std::vector<std::string>()>& asked);
std::string protect_disks(const std::vector<BlockDisk>& disks);  ///< by the rights that are noted

/// Protects all disks but `own_disk` and those that were lifted by hand; likewise.
std::string protect_all_but(const std::string& own_disk);

/// Those that were protected and are not any more, though nobody asked `rescue`: with `blockdev --setrw`, that is.
/// PID 1 leaves them and their new partitions alone.
std::vector<std::string> lifted_by_hand(const std::vector<BlockDisk>& disks, const std::vector<std::string>& asked);

/// For `rescue`: notes that the person asked, and lifts the protection of the device and its disk; of a disk that of
/// all its partitions. A Failure: the right is taken back.
Status allow_writing(const std::string& name, const std::string& owner);
/// The end of it: protected again, where nobody else asked for the same. The disk of several partitions stays open
/// until the last.
Status forbid_writing(const std::string& name, const std::string& owner);

}  // namespace lifeboat::init
