#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "init/sys/fd.hpp"

namespace lifeboat::init {

struct MbrEntry {
  std::uint8_t type = 0;
  std::uint64_t first = 0;  ///< sectors
  std::uint64_t count = 0;
};

/// The first sector as an MBR.
struct Mbr {
  bool signature = false;         ///< it ends in 55 aa
  std::vector<MbrEntry> entries;  ///< the used ones of four
  bool protects = false;          ///< one of them says that the disk has a GPT
};

inline constexpr std::uint8_t gpt_protective = 0xee;

Mbr read_mbr(std::string_view sector);

/// What is wrong with the chain of an extended partition's logical ones; empty: nothing. The chain is followed for at
/// most 128 steps.
std::string trouble_in_chain(const Fd& device, std::uint64_t sector_size, const MbrEntry& extended);

bool is_extended(std::uint8_t type);

}  // namespace lifeboat::init
