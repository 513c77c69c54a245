#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// One of a disk's two GPTs: its header (UEFI 2.10, 5.3.2) and its table of partitions.
struct Gpt {
  bool signature = false;   ///< "EFI PART" stands there
  bool valid = false;       ///< both checksums are right, and it says that it lies where it does
  std::uint64_t lba = 0;    ///< where it lies
  std::uint64_t other = 0;  ///< where it says that the other one lies
  std::uint64_t last_usable = 0;
  std::uint64_t entries_lba = 0;
  std::uint64_t entry_size = 0;
  std::string guid;     ///< the disk's, as text
  std::string entries;  ///< the table, where it is valid
};

struct GptEntry {
  std::uint32_t number = 0;  ///< from 1
  std::string type;          ///< GUIDs as text, in lower case
  std::string uuid;
  std::string label;
  std::uint64_t first = 0;  ///< sectors
  std::uint64_t last = 0;
  bool legacy_boot = false;
};

/// Sizes beyond these are no table that is in use: the usual one has 128 entries of 128 bytes.
inline constexpr std::uint64_t most_gpt_bytes = 1 << 20;
inline constexpr std::size_t most_gpt_entries = 256;  ///< that are used

Gpt read_gpt(const Fd& device, std::uint64_t sector_size, std::uint64_t lba);

/// The used entries of a valid one.
std::vector<GptEntry> entries_of(const Gpt& gpt);

/// Little-endian UTF-16 to its first zero; half of a surrogate pair becomes bytes that are no UTF-8.
std::string utf8_of_utf16(std::string_view bytes);

/// CRC-32 as GPT, zip and Ethernet have it; `crc` continues one.
std::uint32_t crc32(std::string_view bytes, std::uint32_t crc = 0);

}  // namespace lifeboat::init
