#include "init/disk/mbr.hpp"

#include <set>

#include "init/disk/read_bytes.hpp"

namespace lifeboat::init {

bool is_extended(std::uint8_t type) { return type == 0x05 || type == 0x0f || type == 0x85; }

Mbr read_mbr(std::string_view sector) {
  constexpr std::size_t entries_at = 446;
  constexpr std::size_t entry_size = 16;
  Mbr mbr;
  mbr.signature = sector.size() >= 512 && sector.substr(510, 2) == "\x55\xaa";
  if (!mbr.signature) return mbr;
  for (std::size_t at = entries_at; at < entries_at + 4 * entry_size; at += entry_size) {
    const auto type = static_cast<std::uint8_t>(little_endian(sector, at + 4, 1));
    const std::uint64_t count = little_endian(sector, at + 12, 4);
    if (type == gpt_protective) mbr.protects = true;
    if (type != 0 && count != 0) mbr.entries.push_back({type, little_endian(sector, at + 8, 4), count});
  }
  return mbr;
}

std::string trouble_in_chain(const Fd& device, std::uint64_t sector_size, const MbrEntry& extended) {
  constexpr int most_links = 128;  // Linux makes devices for some 60
  std::set<std::uint64_t> seen;
  std::uint64_t at = extended.first;
  for (int link = 0; link < most_links; ++link) {
    const std::string where = " at sector " + std::to_string(at);
    if (!seen.insert(at).second) return "the chain of its logical partitions leads back to itself" + where;
    const Mbr record = read_mbr(read_bytes(device, at * sector_size, 512).value_or(""));
    if (!record.signature) return "the chain of its logical partitions breaks off" + where;
    const MbrEntry* next = nullptr;
    for (const MbrEntry& entry : record.entries)
      if (is_extended(entry.type)) next = &entry;
    if (next == nullptr) return {};
    if (next->first >= extended.count)
      return "the chain of its logical partitions leads out of the extended partition" + where;
    at = extended.first + next->first;
  }
  return "the chain of its logical partitions has more than " + std::to_string(most_links) + " links";
}

}  // namespace lifeboat::init
