#include "init/disk/sources.hpp"

#include <fcntl.h>

#include <algorithm>

#include "init/disk/read_bytes.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

MappedPlace place_of(const Piece& piece, std::uint64_t offset = 0) {
  return {piece.device, piece.raid->data_start + offset};
}

std::optional<LayerSource> from_extents(std::vector<Extent> extents) {
  LayerSource source;
  source.extents = std::move(extents);
  for (const Extent& extent : source.extents) source.size += extent.size;
  if (source.size == 0) return std::nullopt;
  return source;
}

/// Members of several sizes: all in turn as far as the smallest goes, then those that are longer, and so on. Layout 1
/// counts chunks through all of these zones to say whose turn it is, layout 2 anew in each (raid0.c, map_sector()).
std::optional<LayerSource> raid0_source(const RaidSet& set) {
  constexpr std::uint32_t counts_through = 1, counts_anew = 2;
  if (set.newest.chunk == 0) return std::nullopt;
  std::vector<Extent> extents;
  std::uint64_t chunks = 0;
  for (std::uint64_t begin = 0;;) {
    Extent extent{0, set.newest.chunk, {}};
    std::uint64_t end = 0;
    for (const Piece* piece : set.slots) {
      const std::uint64_t length = piece->raid->whole_chunks();
      if (length <= begin) continue;
      extent.places.push_back(place_of(*piece, begin));
      end = end == 0 ? length : std::min(end, length);
    }
    if (extent.places.empty()) return from_extents(std::move(extents));
    const bool first = extents.empty(), known = set.newest.layout == counts_through || set.newest.layout == counts_anew;
    if (!first && !known) return std::nullopt;
    extent.size = (end - begin) * extent.places.size();
    const auto turn = static_cast<std::ptrdiff_t>(chunks % extent.places.size());
    if (set.newest.layout == counts_through)
      std::rotate(extent.places.begin(), extent.places.begin() + turn, extent.places.end());
    chunks += extent.size / set.newest.chunk;
    extents.push_back(std::move(extent));
    begin = end;
  }
}

std::optional<LayerSource> linear_source(const RaidSet& set) {
  std::vector<Extent> extents;
  for (const Piece* piece : set.slots) extents.push_back({piece->raid->whole_chunks(), 0, {place_of(*piece)}});
  return from_extents(std::move(extents));
}

std::optional<LayerSource> mirror_source(const RaidSet& set) {
  for (const Piece* piece : set.slots)
    if (piece != nullptr) return from_extents({{set.newest.component, 0, {place_of(*piece)}}});
  return std::nullopt;
}

/// Copies next to each other in even groups: a stripe over one of each group.
std::optional<LayerSource> raid10_source(const RaidSet& set) {
  const std::size_t near = set.newest.layout & 0xffU, far = (set.newest.layout >> 8U) & 0xffU;
  if (near == 0 || far != 1 || set.slots.size() % near != 0 || set.newest.chunk == 0) return std::nullopt;
  Extent extent{0, set.newest.chunk, {}};
  for (std::size_t first = 0; first < set.slots.size(); first += near) {
    const auto begin = set.slots.begin() + static_cast<std::ptrdiff_t>(first);
    const auto one = std::find_if(begin, begin + static_cast<std::ptrdiff_t>(near), [](auto* piece) { return piece; });
    if (one == begin + static_cast<std::ptrdiff_t>(near)) return std::nullopt;
    extent.places.push_back(place_of(**one));
  }
  extent.size = (set.newest.component - set.newest.component % set.newest.chunk) * extent.places.size();
  return from_extents({std::move(extent)});
}

std::optional<LayerSource> parity_source(const RaidSet& set) {
  if (!parity_place(set.newest, 0)) return std::nullopt;
  LayerSource source;
  source.parity = &set;
  source.size = set.array.size;
  return source;
}

/// A member's chunk, or the part [offset, offset + size) of it.
std::optional<std::string> read_member(const Piece* piece, std::uint64_t at, std::size_t size) {
  if (piece == nullptr) return std::nullopt;
  const auto device = open_file(piece->device, O_RDONLY | O_NONBLOCK);
  return device ? read_bytes(*device, piece->raid->data_start + at, size) : std::nullopt;
}

/// All of a stripe but RAID 6's second parity adds up to zero.
std::optional<std::string> rebuild(const RaidSet& set, const ParityPlace& place, std::uint64_t at, std::size_t size) {
  std::string sum(size, '\0');
  for (std::size_t slot = 0; slot < set.slots.size(); ++slot) {
    if (slot == place.data || (place.second != place.parity && slot == place.second)) continue;
    const auto part = read_member(set.slots[slot], at, size);
    if (!part) return std::nullopt;
    for (std::size_t i = 0; i < size; ++i) sum[i] = static_cast<char>(sum[i] ^ (*part)[i]);
  }
  return sum;
}

/// What of [offset, offset + size) is in one chunk.
std::optional<std::string> read_parity(const RaidSet& set, std::uint64_t offset, std::size_t size) {
  const std::uint64_t chunk = set.newest.chunk, within = offset % chunk;
  const auto place = parity_place(set.newest, offset / chunk);
  if (!place) return std::nullopt;
  const std::size_t part = std::min<std::uint64_t>(size, chunk - within);
  const std::uint64_t at = place->stripe * chunk + within;
  const Piece* piece = set.slots[place->data];
  return piece != nullptr ? read_member(piece, at, part) : rebuild(set, *place, at, part);
}

/// What of [offset, offset + size) lies in one place; `offset` is inside the extent.
std::optional<std::string> read_extent(const LayerSources& sources, const Extent& extent, std::uint64_t offset,
                                       std::size_t size) {
  std::size_t which = 0, part = std::min<std::uint64_t>(size, extent.size - offset);
  std::uint64_t at = offset;
  if (const std::size_t count = extent.places.size(); count > 1) {
    const std::uint64_t number = offset / extent.chunk, within = offset % extent.chunk;
    which = number % count;
    at = number / count * extent.chunk + within;
    part = std::min<std::uint64_t>(part, extent.chunk - within);
  }
  const MappedPlace& place = extent.places[which];
  if (const auto below = sources.find(place.device); below != sources.end())  // an array: it lies on devices alone
    return read_source(sources, below->second, place.offset + at, part);
  const auto device = open_file(place.device, O_RDONLY | O_NONBLOCK);
  return device ? read_bytes(*device, place.offset + at, part) : std::nullopt;
}

/// As much as lies in one place; nothing where it does not read.
std::optional<std::string> read_some(const LayerSources& sources, const LayerSource& source, std::uint64_t offset,
                                     std::size_t size) {
  if (source.parity != nullptr) return read_parity(*source.parity, offset, size);
  for (const Extent& extent : source.extents) {
    if (offset < extent.size) return read_extent(sources, extent, offset, size);
    offset -= extent.size;
  }
  return std::nullopt;
}

}  // namespace

std::optional<LayerSource> source_of(const RaidSet& set) {
  if (set.array.state == "incomplete" || set.newest.reshaping) return std::nullopt;
  switch (set.newest.level) {
    case 0:
      return raid0_source(set);
    case -1:
      return linear_source(set);
    case 1:
    case -4:
      return mirror_source(set);
    case 10:
      return raid10_source(set);
    default:
      return parity_source(set);
  }
}

std::optional<LayerSource> source_of(const VolumeSet& set, const LvmVolume& volume) {
  std::vector<const LvmSegment*> segments;
  for (const LvmSegment& segment : volume.segments) segments.push_back(&segment);
  std::sort(segments.begin(), segments.end(), [](const auto* a, const auto* b) { return a->start < b->start; });
  std::vector<Extent> extents;
  std::uint64_t next = 0;
  for (const LvmSegment* segment : segments) {
    const std::size_t stripes = segment->areas.size();
    if (segment->type != "striped" || stripes == 0 || segment->start != next || segment->count % stripes != 0)
      return std::nullopt;
    const bool chunks = segment->stripe_size != 0 && set.text.extent_size % segment->stripe_size == 0;
    if (stripes > 1 && !chunks) return std::nullopt;
    Extent extent{segment->count * set.text.extent_size, segment->stripe_size, {}};
    for (const LvmArea& area : segment->areas) {
      const auto device = set.devices.find(area.on);
      const auto physical = std::find_if(set.text.physical.begin(), set.text.physical.end(),
                                         [&](const LvmPhysical& one) { return one.name == area.on; });
      if (device == set.devices.end() || physical == set.text.physical.end()) return std::nullopt;
      extent.places.push_back({device->second, physical->start + area.extent * set.text.extent_size});
    }
    extents.push_back(std::move(extent));
    next += segment->count;
  }
  return from_extents(std::move(extents));
}

std::optional<std::string> read_source(const LayerSources& sources, const LayerSource& source, std::uint64_t offset,
                                       std::size_t size) {
  if (offset > source.size || size > source.size - offset) return std::nullopt;
  std::string bytes;
  while (bytes.size() < size) {
    const auto some = read_some(sources, source, offset + bytes.size(), size - bytes.size());
    if (!some || some->empty()) return std::nullopt;
    bytes += *some;
  }
  return bytes;
}

// The layouts of md's raid5 (raid5_compute_sector() in drivers/md/raid5.c).
std::optional<ParityPlace> parity_place(const RaidSuperblock& block, std::uint64_t number) {
  const std::size_t disks = block.slots, parities = block.level == 6 ? 2 : 1;
  if (block.chunk == 0 || disks <= parities || block.layout > 5) return std::nullopt;
  const std::size_t data_disks = disks - parities, data = number % data_disks;
  ParityPlace place;
  place.stripe = number / data_disks;
  const std::size_t turn = place.stripe % disks;
  constexpr std::uint32_t left_asymmetric = 0, right_asymmetric = 1, left_symmetric = 2, parity_first = 4,
                          parity_last = 5;
  const std::uint32_t layout = block.level == 4 ? parity_last : block.layout;
  if (layout == parity_last || layout == parity_first) {
    place.parity = layout == parity_last ? data_disks : 0;
    place.data = layout == parity_last ? data : data + parities;
    place.second = place.parity + parities - 1;
    return place;
  }
  const bool left = layout == left_asymmetric || layout == left_symmetric;
  place.parity = left ? disks - 1 - turn : turn;
  place.second = (place.parity + parities - 1) % disks;
  if (layout == left_asymmetric || layout == right_asymmetric) {
    const bool around = parities == 2 && place.parity == disks - 1;  // the second parity is at the front
    place.data = around ? data + 1 : data >= place.parity ? data + parities : data;
  } else {
    place.data = (place.parity + parities + data) % disks;
  }
  return place;
}

}  // namespace lifeboat::init
