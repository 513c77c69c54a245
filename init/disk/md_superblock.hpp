#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// What a member's superblock says, of the formats 0.90, 1.0, 1.1 and 1.2 of md (linux/include/uapi/linux/raid/md_p.h).
/// 0.90 is read in this machine's byte order alone, as the kernel does.
struct RaidSuperblock {
  std::string metadata;  ///< "1.2"
  std::string uuid;      ///< of the array, as mdadm writes it
  std::string name;      ///< "host:0"; empty: none
  std::string member;    ///< the member's own UUID; 0.90 has none
  std::int32_t level = 0;
  std::uint32_t layout = 0;
  std::uint32_t slots = 0;
  std::uint64_t chunk = 0;       ///< bytes; 0: the level has none
  std::uint64_t component = 0;   ///< bytes used of each member; 0: all of each (RAID 0, linear)
  std::uint64_t data_start = 0;  ///< bytes from the member's start
  std::uint64_t data_size = 0;   ///< bytes
  std::uint32_t number = 0;      ///< its row in `roles`
  std::vector<std::uint16_t> roles;
  std::uint64_t events = 0;
  bool clean = true;        ///< false: it ran when the machine stopped, or a resync was not finished
  bool reshaping = false;   ///< its level or its number of members was being changed
  bool rebuilding = false;  ///< this member's data were not yet all written
  bool operator==(const RaidSuperblock&) const = default;

  /// What a row of `roles` says; every number below is a slot.
  static constexpr std::uint16_t spare = 0xffff, faulty = 0xfffe, journal = 0xfffd, first_special = 0xff00;
  /// `row`'s role; `spare` where there is no such row.
  std::uint16_t role_of(std::uint32_t row) const { return row < roles.size() ? roles[row] : spare; }
  std::uint16_t role() const { return role_of(number); }
  /// Of data_size what RAID 0 uses.
  std::uint64_t whole_chunks() const { return chunk == 0 ? data_size : data_size - data_size % chunk; }
};

/// The superblock at the front of `bytes` (4096), which was read at byte `at` of a member of `size` bytes. Nothing
/// where it is none, its checksum is wrong, or what it says does not fit the device.
std::optional<RaidSuperblock> parse_md_superblock_1(std::string_view bytes, std::uint64_t at, std::uint64_t size);
std::optional<RaidSuperblock> parse_md_superblock_0(std::string_view bytes, std::uint64_t at);

/// Looks at all four places of [start, start + size) of the device.
std::optional<RaidSuperblock> read_md_superblock(const Fd& device, std::uint64_t start, std::uint64_t size);

}  // namespace lifeboat::init
