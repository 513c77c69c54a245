#include "init/disk/ntfs.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "init/disk/read_bytes.hpp"

// Layouts: linux/fs/ntfs3/ntfs.h (NTFS_BOOT, MFT_REC, ATTRIB, INDEX_ROOT, INDEX_HDR, NTFS_DE, ATTR_FILE_NAME).
namespace lifeboat::init {
namespace {

constexpr std::uint64_t volume_record = 3;
constexpr std::uint64_t root_folder_record = 5;
constexpr std::uint64_t volume_information = 0x70;
constexpr std::uint64_t index_root = 0x90;
constexpr std::uint64_t index_allocation = 0xa0;
constexpr std::size_t most_index_blocks = 512;  // of a root folder; a real one has a few

struct Volume {
  const Fd& device;
  std::uint64_t start;    ///< of the volume on the device
  std::uint64_t cluster;  ///< bytes
  std::uint64_t record;   ///< bytes of one record of the master file table
  std::uint64_t mft;      ///< the table's first byte in the volume
};

/// A size that the boot sector gives in clusters, or, negative, as a power of two in bytes.
std::uint64_t coded_size(std::uint64_t code, std::uint64_t unit) {
  if (code < 0x80) return code * unit;
  const std::uint64_t exponent = 256 - code;
  return exponent < 32 ? std::uint64_t{1} << exponent : 0;
}

bool is_power_between(std::uint64_t value, std::uint64_t least, std::uint64_t most) {
  return value >= least && value <= most && (value & (value - 1)) == 0;
}

std::optional<Volume> open_volume(const Fd& device, std::uint64_t start) {
  const std::string boot = read_bytes(device, start, 512).value_or("");
  const std::uint64_t sector = little_endian(boot, 0x0b, 2);
  const std::uint64_t cluster = coded_size(little_endian(boot, 0x0d, 1), 1) * sector;
  const std::uint64_t mft_cluster = little_endian(boot, 0x30, 8);
  if (!is_power_between(sector, 256, 4096) || !is_power_between(cluster, 256, 2U << 20U) || mft_cluster >> 40U != 0)
    return std::nullopt;
  const std::uint64_t record = coded_size(little_endian(boot, 0x40, 1), cluster);
  if (!is_power_between(record, 512, 65536)) return std::nullopt;
  return Volume{device, start, cluster, record, mft_cluster * cluster};
}

/// Records and index blocks keep the last two bytes of each sector aside and a check value in their place.
bool put_back_fixups(std::string& block) {
  constexpr std::size_t stride = 512;
  const std::size_t at = little_endian(block, 4, 2);
  const std::size_t count = little_endian(block, 6, 2);  // the check value and one word for each sector
  if (count == 0 || (count - 1) * stride > block.size() || at + 2 * count > stride) return false;
  for (std::size_t i = 1; i < count; ++i) {
    const std::size_t end = i * stride - 2;
    if (block.compare(end, 2, block, at, 2) != 0) return false;  // torn: half of it is older
    block.replace(end, 2, block.substr(at + 2 * i, 2));
  }
  return true;
}

std::optional<std::string> read_block(const Volume& volume, std::uint64_t at, std::uint64_t size,
                                      std::string_view magic) {
  auto block = read_bytes(volume.device, volume.start + at, size);
  if (!block || !block->starts_with(magic) || !put_back_fixups(*block)) return std::nullopt;
  return block;
}

/// The attribute's bytes in a record, header and all; empty where the record has none of this type.
std::string_view find_attribute(std::string_view record, std::uint64_t type) {
  std::size_t at = little_endian(record, 0x14, 2);
  while (at + 24 <= record.size()) {
    const std::uint64_t length = little_endian(record, at + 4, 4);
    if (length < 24 || length > record.size() - at) return {};
    if (little_endian(record, at, 4) == type) return record.substr(at, length);
    at += length;
  }
  return {};
}

std::string_view resident_value(std::string_view attribute) {
  const std::size_t size = little_endian(attribute, 0x10, 4);
  const std::size_t at = little_endian(attribute, 0x14, 2);
  const bool resident = little_endian(attribute, 8, 1) == 0;
  return resident && at <= attribute.size() && size <= attribute.size() - at ? attribute.substr(at, size)
                                                                             : std::string_view();
}

/// One run of an attribute that lies outside its record; in bytes of the volume.
struct Run {
  std::uint64_t start;
  std::uint64_t size;
};

std::vector<Run> runs_of(std::string_view attribute, std::uint64_t cluster) {
  std::vector<Run> runs;
  std::size_t at = little_endian(attribute, 0x20, 2);
  std::uint64_t first = 0;  // each run is told from where the last began; wraps around as two's complement
  while (runs.size() < most_index_blocks && at < attribute.size()) {
    const std::uint64_t head = little_endian(attribute, at, 1);
    const std::size_t length_width = head & 0xfU;
    const std::size_t offset_width = head >> 4U;
    if (head == 0 || length_width > 8 || offset_width == 0 || offset_width > 8) break;
    const std::uint64_t length = little_endian(attribute, at + 1, length_width);
    const unsigned unused_bits = static_cast<unsigned>(64 - 8 * offset_width);
    const std::uint64_t offset = little_endian(attribute, at + 1 + length_width, offset_width) << unused_bits;
    first += static_cast<std::uint64_t>(static_cast<std::int64_t>(offset) >> unused_bits);
    if (first >> 40U != 0 || length >> 40U != 0) break;
    runs.push_back({first * cluster, length * cluster});
    at += 1 + length_width + offset_width;
  }
  return runs;
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// Whether a folder's entry is a folder with the name (ASCII, in lower case), whichever way it is written.
bool is_folder_named(std::string_view entry, std::string_view name) {
  constexpr std::uint64_t is_folder = 0x10000000;
  constexpr std::size_t name_at = 0x10 + 0x42;
  if (little_endian(entry, 0x10 + 0x40, 1) != name.size() || (little_endian(entry, 0x10 + 0x38, 4) & is_folder) == 0)
    return false;
  if (entry.size() < name_at + 2 * name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i)
    if (lower(entry[name_at + 2 * i]) != name[i] || entry[name_at + 2 * i + 1] != '\0') return false;
  return true;
}

/// `index` begins with an INDEX_HDR.
bool index_has_folder(std::string_view index, std::string_view name) {
  constexpr std::uint64_t last_entry = 2;
  std::size_t at = little_endian(index, 0, 4);
  while (at + 16 <= index.size()) {
    const std::uint64_t length = little_endian(index, at + 8, 2);
    if (length < 16 || length > index.size() - at || (little_endian(index, at + 12, 2) & last_entry) != 0) return false;
    if (is_folder_named(index.substr(at, length), name)) return true;
    at += length;
  }
  return false;
}

bool blocks_have_folder(const Volume& volume, std::string_view allocation, std::uint64_t block_size,
                        std::string_view name) {
  constexpr std::size_t header_at = 0x18;
  std::size_t blocks = 0;
  for (const Run& run : runs_of(allocation, volume.cluster))
    for (std::uint64_t at = 0; at + block_size <= run.size && blocks < most_index_blocks; at += block_size, ++blocks) {
      const auto block = read_block(volume, run.start + at, block_size, "INDX");
      if (block && index_has_folder(std::string_view(*block).substr(header_at), name)) return true;
    }
  return false;
}

bool root_has_folder(const Volume& volume, std::string_view name) {
  const auto record = read_block(volume, volume.mft + root_folder_record * volume.record, volume.record, "FILE");
  if (!record) return false;
  const std::string_view root = resident_value(find_attribute(*record, index_root));
  const std::uint64_t block_size = little_endian(root, 8, 4);
  constexpr std::size_t header_at = 0x10;
  if (root.size() < header_at || !is_power_between(block_size, 512, 65536)) return false;
  if (index_has_folder(root.substr(header_at), name)) return true;
  return blocks_have_folder(volume, find_attribute(*record, index_allocation), block_size, name);
}

bool is_dirty(const Volume& volume) {
  const auto record = read_block(volume, volume.mft + volume_record * volume.record, volume.record, "FILE");
  constexpr std::uint64_t dirty = 0x1;
  return record && (little_endian(resident_value(find_attribute(*record, volume_information)), 0x0a, 2) & dirty) != 0;
}

}  // namespace

void look_into_ntfs(const Fd& device, std::uint64_t start, Content& content) {
  const auto volume = open_volume(device, start);
  if (!volume) return;
  if (is_dirty(*volume)) content.care.emplace_back("Windows marked it dirty: it was not unmounted cleanly");
  if (!root_has_folder(*volume, "windows")) return;
  content.system = OperatingSystem{};
  content.system->kind = "windows";
  content.system->name = "Windows";
}

}  // namespace lifeboat::init
