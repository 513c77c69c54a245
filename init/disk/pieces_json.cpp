#include <nlohmann/json.hpp>

#include "init/disk/optional_json.hpp"
#include "init/disk/pieces.hpp"

namespace lifeboat::init {

// nlohmann finds these by their names, in the namespace of the types. Short names of keys: 100000 areas are possible.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RaidSuperblock, metadata, uuid, name, member, level, layout, slots, chunk, component,
                                   data_start, data_size, number, roles, events, clean, reshaping, rebuilding)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LvmArea, on, extent)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LvmSegment, start, count, type, stripe_size, areas, needs)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LvmVolume, name, uuid, visible, segments)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LvmPhysical, name, uuid, size, start, extents)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LvmGroup, name, uuid, version, extent_size, physical, volumes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LvmLabel, uuid, group, problem)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Piece, device, disk, raid, lvm, container, container_id)

std::string pieces_to_json(std::vector<Piece> pieces) {
  constexpr std::size_t most = 3 << 20;  // a worker's answer has 4 MiB, and the disk itself is in it, too
  const auto dump = [&] {
    return nlohmann::json(pieces).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  if (std::string text = dump(); text.size() <= most) return text;
  for (Piece& piece : pieces) {
    if (piece.lvm && piece.lvm->group) piece.lvm->problem = "its metadata describe more than can be kept";
    if (piece.lvm) piece.lvm->group.reset();
  }
  return dump();
}

std::vector<Piece> pieces_from_json(std::string_view text) {
  try {
    return nlohmann::json::parse(text).get<std::vector<Piece>>();
  } catch (const nlohmann::json::exception&) {  // the library's only way to say so; it goes no further
    return {};
  }
}

}  // namespace lifeboat::init
