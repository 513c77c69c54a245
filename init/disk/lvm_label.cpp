// LVM's label, physical volume header and metadata areas: lvm2's lib/label/label.h, lib/format_text/layout.h.
#include <algorithm>

#include "init/disk/lvm_metadata.hpp"
#include "init/disk/lvm_text.hpp"
#include "init/disk/printable.hpp"
#include "init/disk/read_bytes.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t header_size = 512;
constexpr std::size_t label_sectors = 4;
constexpr std::size_t most_rows = 16;  // of a list of areas; LVM makes one for the data and up to two of metadata

struct Area {
  std::uint64_t start = 0, size = 0;  ///< bytes from the physical volume's start
};

/// "abcdef-ghij-...": as the text has it; the label has it without dashes.
std::string dashed(std::string_view uuid) {
  std::string text;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i >= 6 && i <= 26 && (i - 6) % 4 == 0) text += '-';
    text += uuid[i];
  }
  return printable(text);
}

/// Both lists of the header one after the other, each ended by a row of zeros: the data's areas, the metadata's.
std::vector<Area> metadata_areas(std::string_view header) {
  std::vector<Area> found;
  std::size_t at = 40, ended = 0;
  for (std::size_t row = 0; row < most_rows && at + 16 <= header.size(); ++row, at += 16) {
    const Area area{little_endian(header, at, 8), little_endian(header, at + 8, 8)};
    if (area.start == 0 && area.size == 0 && ++ended == 2) break;
    if (ended == 1 && area.start != 0) found.push_back(area);
  }
  return found;
}

/// A circular buffer: what does not fit before its end goes on behind the area's header.
std::optional<std::string> read_text(const Fd& device, std::uint64_t start, const Area& area, std::string_view row) {
  const std::uint64_t offset = little_endian(row, 0, 8), size = little_endian(row, 8, 8);
  if (size == 0 || size > LvmText::largest || offset < header_size || offset >= area.size) return std::nullopt;
  if (size > area.size - header_size) return std::nullopt;
  const std::uint64_t first = std::min(size, area.size - offset);
  auto text = read_bytes(device, start + area.start + offset, first);
  const auto rest = read_bytes(device, start + area.start + header_size, size - first);
  if (!text || !rest) return std::nullopt;
  *text += *rest;
  return lvm_checksum(*text) == little_endian(row, 16, 4) ? text : std::nullopt;
}

/// An area without a text says nothing, and that is no fault.
void take_area(const Fd& device, std::uint64_t start, const Area& area, LvmLabel& label) {
  constexpr std::string_view magic = "\040LVM2\040x[5A%r0N*>";
  const auto header = read_bytes(device, start + area.start, header_size);
  if (!header) {
    label.problem = "its metadata could not be read";
    return;
  }
  if (header->substr(4, 16) != magic ||
      lvm_checksum(std::string_view(*header).substr(4)) != little_endian(*header, 0, 4)) {
    label.problem = "the header of its metadata is damaged";
    return;
  }
  const std::string_view row = std::string_view(*header).substr(40, 24);
  if (little_endian(row, 0, 8) == 0 || (little_endian(row, 20, 4) & 1U) != 0) return;  // 1: to be ignored
  const auto text = read_text(device, start, area, row);
  auto group = text ? parse_lvm_group(*text) : Result<LvmGroup>(Failure{"the checksum of its metadata is wrong"});
  if (!group)
    label.problem = group.error();
  else if (!label.group || label.group->version < group->version)
    label.group = std::move(*group);
}

}  // namespace

std::uint32_t lvm_checksum(std::string_view bytes) {
  constexpr std::uint32_t begin = 0xf597a6cf, polynomial = 0xedb88320;
  std::uint32_t sum = begin;
  for (const char byte : bytes) {
    sum ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1U) ^ ((sum & 1U) != 0 ? polynomial : 0);
  }
  return sum;
}

std::optional<LvmLabel> read_lvm_label(const Fd& device, std::uint64_t start, std::uint64_t size) {
  for (std::size_t number = 0; number < label_sectors; ++number) {
    const auto bytes = read_bytes(device, start + number * sector_size, sector_size);
    if (!bytes || !bytes->starts_with("LABELONE") || bytes->substr(24, 8) != "LVM2 001") continue;
    const std::string_view whole = *bytes;
    const std::uint64_t header_at = little_endian(whole, 20, 4);
    if (little_endian(whole, 8, 8) != number || lvm_checksum(whole.substr(20)) != little_endian(whole, 16, 4)) continue;
    if (header_at < 32 || header_at > sector_size - 40) continue;
    LvmLabel label;
    label.uuid = dashed(whole.substr(header_at, 32));
    for (const Area& area : metadata_areas(whole.substr(header_at)))
      if (area.start < size && area.size <= size - area.start && area.size > header_size)
        take_area(device, start, area, label);
      else
        label.problem = "its metadata lie beyond its end";
    if (label.group) label.problem.clear();
    return label;
  }
  return std::nullopt;
}

}  // namespace lifeboat::init
