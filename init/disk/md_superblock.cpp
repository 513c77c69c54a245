#include "init/disk/md_superblock.hpp"

#include <array>
#include <cstdio>
#include <cstring>

#include "init/disk/printable.hpp"
#include "init/disk/read_bytes.hpp"

namespace lifeboat::init {
namespace {

constexpr std::uint64_t magic = 0xa92b4efc;
constexpr std::size_t superblock_size = 4096;
constexpr std::uint64_t most_members = 1920;  // what fits a superblock of 4096 bytes behind its 256 fixed ones

/// "01234567:89abcdef:01234567:89abcdef"
std::string uuid_text(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    char digits[4];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(bytes[i]));
    text += (i != 0 && i % 4 == 0 ? ":" : "") + std::string(digits);
  }
  return text;
}

/// Both formats: the sum of all words, with its carry added once. `sum_at`: the checksum itself, which counts as 0.
std::uint64_t checksum(std::string_view bytes, std::size_t sum_at) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4)
    if (at != sum_at) sum += little_endian(bytes, at, 4);
  if (bytes.size() % 4 == 2) sum += little_endian(bytes, bytes.size() - 2, 2);
  return ((sum & 0xffffffffU) + (sum >> 32U)) & 0xffffffffU;
}

bool is_level(std::int32_t level) {
  constexpr std::array levels = {-4, -1, 0, 1, 4, 5, 6, 10};
  for (const int known : levels)
    if (known == level) return true;
  return false;
}

bool resyncs(std::int32_t level) { return level == 1 || level >= 4; }

std::string minor_version(std::uint64_t at) { return at == 0 ? "1.1" : at == 4096 ? "1.2" : "1.0"; }

void take_state_1(std::string_view bytes, RaidSuperblock& out) {
  constexpr std::uint64_t recovery_offset = 2, reshape_active = 4;
  const std::uint64_t features = little_endian(bytes, 8, 4);
  out.reshaping = (features & reshape_active) != 0;
  out.rebuilding = (features & recovery_offset) != 0;
  out.clean = !resyncs(out.level) || little_endian(bytes, 208, 8) == ~std::uint64_t{0};
  out.events = little_endian(bytes, 200, 8);
}

bool fits(const RaidSuperblock& block, std::uint64_t size) {
  if (block.data_start > size || block.data_size > size - block.data_start) return false;
  return block.slots != 0 && block.slots <= most_members && is_level(block.level) && block.component <= block.data_size;
}

}  // namespace

std::optional<RaidSuperblock> parse_md_superblock_1(std::string_view bytes, std::uint64_t at, std::uint64_t size) {
  if (bytes.size() < superblock_size || little_endian(bytes, 0, 4) != magic || little_endian(bytes, 4, 4) != 1)
    return std::nullopt;
  constexpr std::size_t fixed = 256, sum_at = 216;
  const std::uint64_t rows = little_endian(bytes, 220, 4);
  if (rows > most_members || little_endian(bytes, 144, 8) != at / sector_size) return std::nullopt;
  if (checksum(bytes.substr(0, fixed + rows * 2), sum_at) != little_endian(bytes, sum_at, 4)) return std::nullopt;
  constexpr std::uint64_t most_sectors = std::uint64_t{1} << 54U;  // so that no size in bytes overflows
  for (const std::size_t offset : {80, 128, 136})
    if (little_endian(bytes, offset, 8) >= most_sectors) return std::nullopt;
  RaidSuperblock out;
  out.metadata = minor_version(at);
  out.uuid = uuid_text(bytes.substr(16, 16));
  out.name = printable_trimmed(bytes.substr(32, ::strnlen(bytes.data() + 32, 32)));
  out.member = uuid_text(bytes.substr(168, 16));
  out.level = static_cast<std::int32_t>(little_endian(bytes, 72, 4));
  out.layout = static_cast<std::uint32_t>(little_endian(bytes, 76, 4));
  out.slots = static_cast<std::uint32_t>(little_endian(bytes, 92, 4));
  out.chunk = little_endian(bytes, 88, 4) * sector_size;
  out.component = little_endian(bytes, 80, 8) * sector_size;
  out.data_start = little_endian(bytes, 128, 8) * sector_size;
  out.data_size = little_endian(bytes, 136, 8) * sector_size;
  out.number = static_cast<std::uint32_t>(little_endian(bytes, 160, 4));
  for (std::size_t row = 0; row < rows; ++row)
    out.roles.push_back(static_cast<std::uint16_t>(little_endian(bytes, fixed + row * 2, 2)));
  take_state_1(bytes, out);
  if (!fits(out, size)) return std::nullopt;
  return out;
}

namespace {

/// Format 0.90: words of 4 bytes, by their number.
class Words {
 public:
  explicit Words(std::string_view bytes) : bytes_(bytes) {}
  std::uint32_t operator[](std::size_t number) const {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes_.data() + number * 4, sizeof word);
    return word;
  }

 private:
  std::string_view bytes_;
};

constexpr std::size_t rows_at = 128, row_words = 32, all_rows = 27, this_row_at = 992;

std::uint16_t role_in(const Words& words, std::size_t row_at) {
  constexpr std::uint32_t faulty = 1, in_sync = 4, removed = 8;
  const std::uint32_t state = words[row_at + 4], slot = words[row_at + 3];
  if ((state & (faulty | removed)) != 0) return RaidSuperblock::faulty;
  return (state & in_sync) != 0 && slot < all_rows ? static_cast<std::uint16_t>(slot) : RaidSuperblock::spare;
}

std::string uuid_0(const Words& words) {
  char text[40];
  std::snprintf(text, sizeof text, "%08x:%08x:%08x:%08x", words[5], words[13], words[14], words[15]);
  return text;
}

void take_state_0(const Words& words, RaidSuperblock& out) {
  constexpr std::uint32_t clean = 1, reshape_version = 91;
  out.events = std::uint64_t{words[40]} << 32U | words[39];
  out.reshaping = words[2] == reshape_version;
  out.clean = !resyncs(out.level) || (words[33] & clean) != 0;
}

}  // namespace

std::optional<RaidSuperblock> parse_md_superblock_0(std::string_view bytes, std::uint64_t at) {
  if (bytes.size() < superblock_size) return std::nullopt;
  const Words words(bytes);
  constexpr std::size_t sum_word = 38;
  if (words[0] != magic || words[1] != 0 || (words[2] != 90 && words[2] != 91)) return std::nullopt;
  if (checksum(bytes.substr(0, superblock_size), sum_word * 4) != words[sum_word]) return std::nullopt;
  RaidSuperblock out;
  out.metadata = "0.90";
  out.uuid = uuid_0(words);
  out.level = static_cast<std::int32_t>(words[7]);
  out.layout = words[64];
  out.slots = words[10];
  out.chunk = words[65];
  out.data_size = at;
  out.component = resyncs(out.level) ? std::uint64_t{words[8]} * 1024 : 0;
  out.number = words[this_row_at];
  for (std::size_t row = 0; row < all_rows; ++row) out.roles.push_back(role_in(words, rows_at + row * row_words));
  take_state_0(words, out);
  if (out.slots > all_rows || out.number >= all_rows || !fits(out, at)) return std::nullopt;
  return out;
}

std::optional<RaidSuperblock> read_md_superblock(const Fd& device, std::uint64_t start, std::uint64_t size) {
  if (size < std::uint64_t{2} * 65536) return std::nullopt;
  const std::uint64_t end_1 = (size / sector_size - 16) / 8 * 8 * sector_size, end_0 = (size / 65536 - 1) * 65536;
  for (const std::uint64_t at : {std::uint64_t{4096}, std::uint64_t{0}, end_1})
    if (const auto bytes = read_bytes(device, start + at, superblock_size))
      if (auto found = parse_md_superblock_1(*bytes, at, size)) return found;
  const auto bytes = read_bytes(device, start + end_0, superblock_size);
  return bytes ? parse_md_superblock_0(*bytes, end_0) : std::nullopt;
}

}  // namespace lifeboat::init
