#include "init/disk/gpt.hpp"

#include <array>
#include <cstdio>

#include "init/disk/printable.hpp"
#include "init/disk/read_bytes.hpp"

namespace lifeboat::init {
namespace {

constexpr std::uint64_t least_header = 92;
constexpr std::uint64_t least_entry = 128;
constexpr std::size_t crc_at = 16;

/// The first three groups are little-endian numbers.
std::string guid_text(std::string_view bytes) {
  std::string text;
  char part[24];
  std::snprintf(part, sizeof part, "%08llx-%04llx-%04llx-", static_cast<unsigned long long>(little_endian(bytes, 0, 4)),
                static_cast<unsigned long long>(little_endian(bytes, 4, 2)),
                static_cast<unsigned long long>(little_endian(bytes, 6, 2)));
  text += part;
  std::snprintf(part, sizeof part, "%04llx-%012llx", static_cast<unsigned long long>(big_endian(bytes, 8, 2)),
                static_cast<unsigned long long>(big_endian(bytes, 10, 6)));
  return text + part;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) return byte(0xc0 | code >> 6U), byte(0x80 | (code & 0x3fU));
  if (code < 0x10000) return byte(0xe0 | code >> 12U), byte(0x80 | (code >> 6U & 0x3fU)), byte(0x80 | (code & 0x3fU));
  byte(0xf0 | code >> 18U);
  byte(0x80 | (code >> 12U & 0x3fU));
  byte(0x80 | (code >> 6U & 0x3fU));
  byte(0x80 | (code & 0x3fU));
}

}  // namespace

std::string utf8_of_utf16(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at + 2 <= bytes.size(); at += 2) {
    auto code = static_cast<std::uint32_t>(little_endian(bytes, at, 2));
    if (code == 0) break;
    const auto next = static_cast<std::uint32_t>(little_endian(bytes, at + 2, 2));
    if (code >= 0xd800 && code < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
      code = 0x10000 + ((code - 0xd800) << 10U) + (next - 0xdc00);
      at += 2;
    }
    append_utf8(out, code);  // half of a pair becomes no character: printable() writes it out
  }
  return out;
}

std::uint32_t crc32(std::string_view bytes, std::uint32_t crc) {
  constexpr std::array<std::uint32_t, 16> steps = {
      0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
      0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  crc = ~crc;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    crc = crc >> 4U ^ steps[crc & 15U];
    crc = crc >> 4U ^ steps[crc & 15U];
  }
  return ~crc;
}

Gpt read_gpt(const Fd& device, std::uint64_t sector_size, std::uint64_t lba) {
  Gpt gpt;
  gpt.lba = lba;
  if (sector_size == 0 || lba >> 48U != 0) return gpt;
  std::string header = read_bytes(device, lba * sector_size, sector_size).value_or("");
  gpt.signature = header.starts_with("EFI PART");
  const std::uint64_t header_size = little_endian(header, 12, 4);
  if (!gpt.signature || header_size < least_header || header_size > header.size()) return gpt;
  gpt.other = little_endian(header, 32, 8);
  gpt.last_usable = little_endian(header, 48, 8);
  gpt.guid = guid_text(std::string_view(header).substr(56, 16));
  gpt.entries_lba = little_endian(header, 72, 8);
  gpt.entry_size = little_endian(header, 84, 4);
  const std::uint64_t count = little_endian(header, 80, 4);
  const std::uint64_t crc = little_endian(header, crc_at, 4);
  header.replace(crc_at, 4, 4, '\0');
  if (crc32(std::string_view(header).substr(0, header_size)) != crc || little_endian(header, 24, 8) != lba) return gpt;
  const bool sane = gpt.entry_size >= least_entry && gpt.entry_size % 8 == 0 && count <= most_gpt_bytes &&
                    gpt.entry_size <= most_gpt_bytes && count * gpt.entry_size <= most_gpt_bytes &&
                    gpt.entries_lba >> 48U == 0;
  auto entries = sane ? read_bytes(device, gpt.entries_lba * sector_size, count * gpt.entry_size) : std::nullopt;
  gpt.valid = entries && crc32(*entries) == little_endian(header, 88, 4);
  if (gpt.valid) gpt.entries = std::move(*entries);
  return gpt;
}

std::vector<GptEntry> entries_of(const Gpt& gpt) {
  std::vector<GptEntry> used;
  if (!gpt.valid) return used;
  std::uint32_t number = 0;
  for (std::size_t at = 0; at + gpt.entry_size <= gpt.entries.size(); at += gpt.entry_size) {
    const std::string_view bytes = std::string_view(gpt.entries).substr(at, gpt.entry_size);
    ++number;
    if (bytes.substr(0, 16).find_first_not_of('\0') == std::string_view::npos) continue;
    if (used.size() == most_gpt_entries) break;
    constexpr std::uint64_t legacy_boot = 4;  // UEFI 2.10, 5.3.3: attribute bit 2
    used.push_back({number, guid_text(bytes.substr(0, 16)), guid_text(bytes.substr(16, 16)),
                    printable_trimmed(utf8_of_utf16(bytes.substr(56, 72))), little_endian(bytes, 32, 8),
                    little_endian(bytes, 40, 8), (little_endian(bytes, 48, 8) & legacy_boot) != 0});
  }
  return used;
}

}  // namespace lifeboat::init
