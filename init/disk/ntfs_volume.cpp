#include "init/disk/ntfs_volume.hpp"

#include <algorithm>
#include <iterator>

#include "init/disk/read_bytes.hpp"

// Layouts: linux/fs/ntfs3/ntfs.h (NTFS_BOOT, MFT_REC, ATTRIB, ATTR_LIST_ENTRY, INDEX_ROOT, INDEX_HDR, NTFS_DE,
// ATTR_FILE_NAME).
namespace lifeboat::init {
namespace {

constexpr std::uint64_t table_record = 0;
constexpr std::uint64_t volume_record = 3;
constexpr std::uint64_t root_folder_record = 5;
constexpr std::uint64_t attribute_list = 0x20;
constexpr std::uint64_t volume_information = 0x70;
constexpr std::uint64_t data = 0x80;
constexpr std::uint64_t index_root = 0x90;
constexpr std::uint64_t index_allocation = 0xa0;
constexpr std::size_t most_index_blocks = 2048;  // of a folder; System32 has some 400
constexpr std::size_t most_runs = 4096;          // of a file
constexpr std::size_t most_extensions = 64;      // records that one file's attributes are spread over
constexpr std::size_t most_list_bytes = 65536;
constexpr std::size_t most_read = 1 << 20;

/// A size that the boot sector gives in clusters, or, negative, as a power of two in bytes.
std::uint64_t coded_size(std::uint64_t code, std::uint64_t unit) {
  if (code < 0x80) return code * unit;
  const std::uint64_t exponent = 256 - code;
  return exponent < 32 ? std::uint64_t{1} << exponent : 0;
}

bool is_power_between(std::uint64_t value, std::uint64_t least, std::uint64_t most) {
  return value >= least && value <= most && (value & (value - 1)) == 0;
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

bool has_name(std::string_view attribute) { return little_endian(attribute, 9, 1) != 0; }

/// The attribute's bytes in a record, header and all; empty where the record has none of this type. Of data the unnamed
/// one alone.
std::string_view find_attribute(std::string_view record, std::uint64_t type) {
  std::size_t at = little_endian(record, 0x14, 2);
  while (at + 24 <= record.size()) {
    const std::uint64_t length = little_endian(record, at + 4, 4);
    if (length < 24 || length > record.size() - at) return {};
    const std::string_view attribute = record.substr(at, length);
    if (little_endian(record, at, 4) == type && (type != data || !has_name(attribute))) return attribute;
    at += length;
  }
  return {};
}

bool is_resident(std::string_view attribute) { return little_endian(attribute, 8, 1) == 0; }

std::string_view resident_value(std::string_view attribute) {
  const std::size_t size = little_endian(attribute, 0x10, 4);
  const std::size_t at = little_endian(attribute, 0x14, 2);
  const bool inside = at <= attribute.size() && size <= attribute.size() - at;
  return is_resident(attribute) && inside ? attribute.substr(at, size) : std::string_view();
}

void add_runs(std::string_view attribute, std::uint64_t cluster, std::vector<NtfsRun>& runs) {
  std::size_t at = little_endian(attribute, 0x20, 2);
  std::uint64_t first = 0;  // each run is told from where the last began; wraps around as two's complement
  while (runs.size() < most_runs && at < attribute.size()) {
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
}

/// Whether a folder's entry has the name (ASCII, in lower case), whichever way it is written.
bool is_named(std::string_view entry, std::string_view name) {
  constexpr std::size_t name_at = 0x10 + 0x42;
  if (little_endian(entry, 0x10 + 0x40, 1) != name.size() || entry.size() < name_at + 2 * name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i)
    if (ascii_lower(entry[name_at + 2 * i]) != name[i] || entry[name_at + 2 * i + 1] != '\0') return false;
  return true;
}

std::uint64_t record_of(std::uint64_t reference) { return reference & 0xffffffffffff; }

}  // namespace

std::optional<NtfsVolume> NtfsVolume::open(const Fd& device, std::uint64_t start) {
  const std::string boot = read_bytes(device, start, 512).value_or("");
  const std::uint64_t sector = little_endian(boot, 0x0b, 2);
  const std::uint64_t cluster = coded_size(little_endian(boot, 0x0d, 1), 1) * sector;
  const std::uint64_t table_cluster = little_endian(boot, 0x30, 8);
  if (!is_power_between(sector, 256, 4096) || !is_power_between(cluster, 256, 2U << 20U) || table_cluster >> 40U != 0)
    return std::nullopt;
  NtfsVolume volume(device, start);
  volume.cluster_ = cluster;
  volume.record_size_ = coded_size(little_endian(boot, 0x40, 1), cluster);
  if (!is_power_between(volume.record_size_, 512, 65536)) return std::nullopt;
  // Enough for the system's own records, the first of which tells where the rest of the table is.
  volume.table_ = {{table_cluster * cluster, 16 * volume.record_size_}};
  if (const auto own = volume.record(table_record)) {
    std::vector<NtfsRun> runs;
    add_runs(find_attribute(*own, data), cluster, runs);
    if (!runs.empty()) volume.table_ = std::move(runs);
  }
  return volume;
}

std::optional<std::string> NtfsVolume::read_block(std::uint64_t at, std::uint64_t size, std::string_view magic) const {
  auto block = read_bytes(device_, start_ + at, size);
  if (!block || !block->starts_with(magic) || !put_back_fixups(*block)) return std::nullopt;
  return block;
}

std::optional<std::string> NtfsVolume::record(std::uint64_t number) const {
  if (number >> 40U != 0) return std::nullopt;
  auto bytes = read_runs(table_, number * record_size_, record_size_);
  if (!bytes || !bytes->starts_with("FILE") || !put_back_fixups(*bytes)) return std::nullopt;
  return bytes;
}

/// All parts of an attribute: where a record is too small, a list tells which further records have them.
std::vector<std::string> NtfsVolume::attributes(std::uint64_t number, std::uint64_t type) const {
  const auto base = record(number);
  if (!base) return {};
  const std::string_view list = find_attribute(*base, attribute_list);
  if (list.empty()) {
    const std::string_view own = find_attribute(*base, type);
    return own.empty() ? std::vector<std::string>() : std::vector{std::string(own)};
  }
  std::string entries(resident_value(list));
  if (!is_resident(list)) {
    const std::size_t size = std::min<std::uint64_t>(little_endian(list, 0x30, 8), most_list_bytes);
    entries = read_runs(runs_of({std::string(list)}), 0, size).value_or("");
  }
  std::vector<std::string> parts;
  for (std::size_t at = 0; at + 26 <= entries.size() && parts.size() < most_extensions;) {
    const std::size_t length = little_endian(entries, at + 4, 2);
    if (length < 26) break;
    const bool wanted =
        little_endian(entries, at, 4) == type && (type != data || little_endian(entries, at + 6, 1) == 0);
    const auto extension = wanted ? record(record_of(little_endian(entries, at + 16, 8))) : std::nullopt;
    if (extension) parts.emplace_back(find_attribute(*extension, type));
    at += length;
  }
  return parts;
}

std::vector<NtfsRun> NtfsVolume::runs_of(const std::vector<std::string>& attributes) const {
  std::vector<NtfsRun> runs;
  for (const std::string& attribute : attributes)
    if (!is_resident(attribute)) add_runs(attribute, cluster_, runs);
  return runs;
}

std::optional<std::string> NtfsVolume::read_runs(const std::vector<NtfsRun>& runs, std::uint64_t offset,
                                                 std::size_t size) const {
  if (size > most_read) return std::nullopt;
  std::string bytes;
  for (const NtfsRun& run : runs) {
    if (bytes.size() == size) break;
    if (offset >= run.size) {
      offset -= run.size;
      continue;
    }
    const std::size_t length = std::min<std::uint64_t>(run.size - offset, size - bytes.size());
    const auto part = read_bytes(device_, start_ + run.start + offset, length);
    if (!part) return std::nullopt;
    bytes += *part;
    offset = 0;
  }
  return bytes.size() == size ? std::optional(std::move(bytes)) : std::nullopt;
}

/// `index` begins with an INDEX_HDR.
std::optional<NtfsVolume::Found> NtfsVolume::find_in_index(std::string_view index, std::string_view name) {
  constexpr std::uint64_t last_entry = 2;
  constexpr std::uint64_t is_folder = 0x10000000;
  std::size_t at = little_endian(index, 0, 4);
  while (at + 16 <= index.size()) {
    const std::uint64_t length = little_endian(index, at + 8, 2);
    if (length < 16 || length > index.size() - at || (little_endian(index, at + 12, 2) & last_entry) != 0) break;
    const std::string_view entry = index.substr(at, length);
    if (is_named(entry, name))
      return Found{record_of(little_endian(entry, 0, 8)), (little_endian(entry, 0x10 + 0x38, 4) & is_folder) != 0};
    at += length;
  }
  return std::nullopt;
}

std::optional<NtfsVolume::Found> NtfsVolume::find_in_blocks(const std::vector<NtfsRun>& runs, std::uint64_t block_size,
                                                            std::string_view name) const {
  constexpr std::size_t header_at = 0x18;
  std::size_t blocks = 0;
  for (const NtfsRun& run : runs)
    for (std::uint64_t at = 0; at + block_size <= run.size && blocks < most_index_blocks; at += block_size, ++blocks) {
      const auto block = read_block(run.start + at, block_size, "INDX");
      if (!block) continue;
      if (auto found = find_in_index(std::string_view(*block).substr(header_at), name)) return found;
    }
  return std::nullopt;
}

std::optional<NtfsVolume::Found> NtfsVolume::find_in_folder(std::uint64_t folder, std::string_view name) const {
  const std::vector<std::string> roots = attributes(folder, index_root);
  const std::string_view root = roots.empty() ? std::string_view() : resident_value(roots.front());
  const std::uint64_t block_size = little_endian(root, 8, 4);
  constexpr std::size_t header_at = 0x10;
  if (root.size() < header_at || !is_power_between(block_size, 512, 65536)) return std::nullopt;
  if (auto found = find_in_index(root.substr(header_at), name)) return found;
  return find_in_blocks(runs_of(attributes(folder, index_allocation)), block_size, name);
}

std::optional<std::uint64_t> NtfsVolume::find(std::string_view path) const {
  std::uint64_t folder = root_folder_record;
  while (true) {
    const std::size_t end = path.find('/');
    const auto found = find_in_folder(folder, path.substr(0, end));
    if (!found || found->folder != (end != std::string_view::npos)) return std::nullopt;
    if (end == std::string_view::npos) return found->record;
    folder = found->record;
    path.remove_prefix(end + 1);
  }
}

std::optional<std::uint64_t> NtfsVolume::find_folder(std::string_view name) const {
  const auto found = find_in_folder(root_folder_record, name);
  return found && found->folder ? std::optional(found->record) : std::nullopt;
}

std::optional<NtfsFile> NtfsVolume::open_file(std::uint64_t record) const {
  const std::vector<std::string> parts = attributes(record, data);
  if (parts.empty() || parts.front().empty()) return std::nullopt;
  const std::string_view first = parts.front();
  constexpr std::uint64_t compressed_or_encrypted = 0x4001;
  if ((little_endian(first, 0x0c, 2) & compressed_or_encrypted) != 0) return std::nullopt;
  NtfsFile file;
  if (is_resident(first)) {
    file.resident = resident_value(first);
    file.size = file.resident.size();
  } else {
    file.size = little_endian(first, 0x30, 8);
    file.runs = runs_of(parts);
  }
  return file;
}

std::optional<std::string> NtfsVolume::read(const NtfsFile& file, std::uint64_t offset, std::size_t size) const {
  if (offset > file.size || size > file.size - offset) return std::nullopt;
  return file.runs.empty() ? std::optional(file.resident.substr(offset, size)) : read_runs(file.runs, offset, size);
}

bool NtfsVolume::is_dirty() const {
  const auto own = record(volume_record);
  constexpr std::uint64_t dirty = 0x1;
  return own && (little_endian(resident_value(find_attribute(*own, volume_information)), 0x0a, 2) & dirty) != 0;
}

}  // namespace lifeboat::init
