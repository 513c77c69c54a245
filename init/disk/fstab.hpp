#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

inline constexpr std::size_t most_fstab_entries = 64;
inline constexpr std::size_t most_fstab_line = 4096;  ///< bytes; a longer line is passed over

/// Sets fstab, fstab_lines and fstab_root from fstab(5) text. Escapes (\040) are resolved, control characters written
/// out; what lies beyond the limits counts in fstab_lines alone.
void parse_fstab(std::string_view text, OperatingSystem& system);

/// Whether the entry needs no block device: network and pseudo file systems, binds, images.
bool needs_no_device(const FstabEntry& entry);

/// Whether one of its options is this one.
bool has_option(const FstabEntry& entry, std::string_view option);

/// Whether the system boots without it: noauto or nofail.
bool is_optional(const FstabEntry& entry);

/// Sets device and problem of each entry of the system's fstab from all that the report knows. Several devices fit
/// where a disk has a clone: first those of the disks `home` (names: "vda"), then the original's. What was the name of
/// that server's kernel (/dev/sda1) is guessed by the disk's place, and said.
void resolve_fstab(OperatingSystem& system, const DiskReport& report, const std::vector<std::string>& home);

/// resolve_fstab() for every operating system of the report.
void resolve_all_fstabs(DiskReport& report);

}  // namespace lifeboat::init
