#include "init/disk/lvm_metadata.hpp"

#include <algorithm>

#include "init/disk/lvm_text.hpp"
#include "init/disk/printable.hpp"
#include "init/disk/read_bytes.hpp"

namespace lifeboat::init {
namespace {

constexpr std::uint64_t most_extents = 0xffffffff;                // LVM counts them in 32 bits
constexpr std::size_t most_physical = 2048, most_volumes = 8192;  // some four times what 1 MiB of real text holds
constexpr std::size_t most_segments = 4096;                       // of one volume
constexpr std::size_t most_areas = 256;                           // of one segment: stripes or images

std::string name_of(std::string_view text) { return printable(text, 128); }

std::uint64_t extents(const LvmText& text, LvmText::Section section, std::string_view name) {
  return std::min(text.number(section, name), most_extents);
}

/// "pv0", 11, "pv1", 0
void take_stripes(const std::vector<std::string_view>& values, LvmSegment& segment) {
  for (std::size_t i = 0; i + 1 < values.size() && segment.areas.size() < most_areas; i += 2) {
    std::uint64_t extent = 0;
    for (const char digit : values[i + 1]) {
      if (digit < '0' || digit > '9' || extent > most_extents) return;
      extent = extent * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    segment.areas.push_back({name_of(values[i]), extent});
  }
}

/// Pairs of metadata and image ("raids"), or images alone ("raid0_lvs", "mirrors" with an extent each).
void take_images(const LvmText& text, LvmText::Section section, LvmSegment& segment) {
  const auto pairs = text.values(section, "raids");
  for (std::size_t i = 1; i < pairs.size() && segment.areas.size() < most_areas; i += 2)
    segment.areas.push_back({name_of(pairs[i]), 0});
  for (const std::string_view image : text.values(section, "raid0_lvs"))
    if (segment.areas.size() < most_areas) segment.areas.push_back({name_of(image), 0});
  take_stripes(text.values(section, "mirrors"), segment);
}

LvmSegment segment_of(const LvmText& text, LvmText::Section section) {
  LvmSegment segment;
  segment.start = extents(text, section, "start_extent");
  segment.count = extents(text, section, "extent_count");
  segment.type = name_of(text.value(section, "type"));
  segment.stripe_size = std::min(text.number(section, "stripe_size"), most_extents) * sector_size;
  take_stripes(text.values(section, "stripes"), segment);
  take_images(text, section, segment);
  for (const char* key : {"thin_pool", "external_origin", "metadata", "pool", "cache_pool", "origin", "cow_store",
                          "writecache", "vdo_pool", "mirror_log", "data"})
    if (const std::string_view other = text.value(section, key); !other.empty())
      segment.needs.push_back(name_of(other));
  return segment;
}

LvmVolume volume_of(const LvmText& text, LvmText::Section section) {
  LvmVolume volume;
  volume.name = name_of(text.name(section));
  volume.uuid = name_of(text.value(section, "id"));
  volume.visible = text.lists(section, "status", "VISIBLE");
  for (const LvmText::Section each : text.sections(section))
    if (text.name(each).starts_with("segment") && volume.segments.size() < most_segments)
      volume.segments.push_back(segment_of(text, each));
  return volume;
}

LvmPhysical physical_of(const LvmText& text, LvmText::Section section) {
  constexpr std::uint64_t most_sectors = std::uint64_t{1} << 54U;
  LvmPhysical physical;
  physical.name = name_of(text.name(section));
  physical.uuid = name_of(text.value(section, "id"));
  physical.size = std::min(text.number(section, "dev_size"), most_sectors) * sector_size;
  physical.start = std::min(text.number(section, "pe_start"), most_sectors) * sector_size;
  physical.extents = extents(text, section, "pe_count");
  return physical;
}

}  // namespace

Result<LvmGroup> parse_lvm_group(std::string_view bytes) {
  const auto text = LvmText::parse(bytes);
  if (!text) return text.failure();
  const auto tops = text->sections(LvmText::top);
  if (tops.size() != 1) return Failure{"LVM's metadata text: it describes no single group"};
  LvmGroup group;
  group.name = name_of(text->name(tops[0]));
  group.uuid = name_of(text->value(tops[0], "id"));
  group.version = text->number(tops[0], "seqno");
  group.extent_size = std::min(text->number(tops[0], "extent_size"), most_extents) * sector_size;
  if (group.uuid.empty() || group.extent_size == 0) return Failure{"LVM's metadata text: it has no id or extent size"};
  for (const auto each : text->sections(text->section(tops[0], "physical_volumes")))
    if (group.physical.size() < most_physical) group.physical.push_back(physical_of(*text, each));
  for (const auto each : text->sections(text->section(tops[0], "logical_volumes")))
    if (group.volumes.size() < most_volumes) group.volumes.push_back(volume_of(*text, each));
  return group;
}

}  // namespace lifeboat::init
