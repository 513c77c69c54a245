#include "init/disk/lvm_groups.hpp"

#include <algorithm>
#include <set>

namespace lifeboat::init {
namespace {

using Pieces = std::vector<const Piece*>;

constexpr int deepest = 8;  // volumes on volumes: a thin one on its pool, on its data, on a RAID's images

std::uint64_t version_of(const Piece& piece) { return piece.lvm->group ? piece.lvm->group->version : 0; }

/// Everybody who bears this physical volume, the best first.
Pieces bearers(const std::vector<Piece>& pieces, const std::string& uuid, const std::map<std::string, int>& fellows,
               const DiskOrder& order) {
  Pieces found;
  for (const Piece& piece : pieces)
    if (piece.lvm && piece.lvm->uuid == uuid) found.push_back(&piece);
  const auto fellows_of = [&](const Piece* piece) {
    const auto at = fellows.find(piece->disk);
    return at == fellows.end() ? 0 : at->second;
  };
  std::stable_sort(found.begin(), found.end(), [&](const Piece* a, const Piece* b) {
    if (version_of(*a) != version_of(*b)) return version_of(*a) > version_of(*b);
    if (fellows_of(a) != fellows_of(b)) return fellows_of(a) > fellows_of(b);
    return rank_of(order, a->disk) < rank_of(order, b->disk);
  });
  return found;
}

/// How many different physical volumes of the group lie on each disk.
std::map<std::string, int> count_fellows(const std::vector<Piece>& pieces, const LvmGroup& text) {
  std::map<std::string, int> fellows;
  std::set<std::string> counted;
  for (const Piece& piece : pieces) {
    if (!piece.lvm) continue;
    const auto is_it = [&](const LvmPhysical& one) { return one.uuid == piece.lvm->uuid; };
    if (std::any_of(text.physical.begin(), text.physical.end(), is_it) &&
        counted.insert(piece.disk + "/" + piece.lvm->uuid).second)
      ++fellows[piece.disk];
  }
  return fellows;
}

void note_clones(const Pieces& same, const std::string& uuid, VolumeSet& set) {
  if (same.size() < 2) return;
  Clone clone{"physical volume", uuid, {}};
  for (const Piece* piece : same) clone.devices.push_back(piece->device);
  set.clones.push_back(std::move(clone));
  for (std::size_t i = 1; i < same.size(); ++i)
    set.group.care.push_back(same[i]->device + " bears the same physical volume as " + same[0]->device +
                             ", as a clone does: it is left out");
}

void place_physical(const std::vector<Piece>& pieces, const DiskOrder& order, VolumeSet& set) {
  const auto fellows = count_fellows(pieces, set.text);
  for (const LvmPhysical& physical : set.text.physical) {
    const Pieces same = bearers(pieces, physical.uuid, fellows, order);
    Member member{"", physical.uuid, "missing", -1};
    if (!same.empty()) {
      const std::uint64_t version = version_of(*same[0]);
      const bool old = version != 0 && version < set.text.version;
      member.device = same[0]->device;
      member.state = old ? "out of date" : "active";
      set.devices[physical.name] = member.device;
      if (old)
        set.group.care.push_back(member.device + " has older metadata of the group (version " +
                                 std::to_string(version) + ", the newest is " + std::to_string(set.text.version) + ")");
      if (!same[0]->lvm->problem.empty()) set.group.care.push_back(member.device + ": " + same[0]->lvm->problem);
    }
    note_clones(same, physical.uuid, set);
    set.group.size += physical.extents * set.text.extent_size;
    set.group.physical_volumes.push_back(std::move(member));
  }
}

/// "raid1" can spare all of its images but one, "raid5" one, "raid6" two.
std::size_t spares(const LvmSegment& segment) {
  const std::string& type = segment.type;
  if (type == "raid1" || type == "mirror") return segment.areas.empty() ? 0 : segment.areas.size() - 1;
  if (type.starts_with("raid4") || type.starts_with("raid5") || type.starts_with("raid10")) return 1;
  return type.starts_with("raid6") ? 2 : 0;
}

/// Whether everything that the volume lies on is there. `left` bounds the work: texts can name volumes in circles.
bool is_complete(const VolumeSet& set, const LvmVolume& volume, int depth, int& left) {
  if (depth > deepest) return false;
  for (const LvmSegment& segment : volume.segments) {
    const auto is_there = [&](const std::string& name) {
      if (left-- <= 0) return false;
      if (set.devices.contains(name)) return true;
      const LvmVolume* other = find_volume(set, name);
      return other != nullptr && is_complete(set, *other, depth + 1, left);
    };
    std::size_t missing = 0;
    for (const LvmArea& area : segment.areas) missing += is_there(area.on) ? 0 : 1;
    if (missing > spares(segment) || !std::all_of(segment.needs.begin(), segment.needs.end(), is_there)) return false;
  }
  return true;
}

std::string kind_of(const LvmVolume& volume) {
  if (volume.segments.empty()) return {};
  const LvmSegment& first = volume.segments.front();
  return first.type == "striped" && first.areas.size() == 1 ? "linear" : first.type;
}

std::uint64_t size_of(const LvmGroup& text, const LvmVolume& volume) {
  std::uint64_t extents = 0;
  for (const LvmSegment& segment : volume.segments) extents += segment.count;
  return extents * text.extent_size;
}

/// A snapshot is written as a volume of its own ("snapshot0") that names its origin and where its changes are; a person
/// knows it by the latter's name.
const LvmVolume& known_as(const VolumeSet& set, const LvmVolume& volume) {
  if (kind_of(volume) != "snapshot" || volume.segments[0].needs.size() < 2) return volume;
  const LvmVolume* changes = find_volume(set, volume.segments[0].needs[1]);
  return changes == nullptr ? volume : *changes;
}

void list_volumes(VolumeSet& set) {
  int left = 100000;  // for all of them
  for (const LvmVolume& volume : set.text.volumes) {
    if (!volume.visible) continue;
    const LvmVolume& known = known_as(set, volume);
    LogicalVolume out;
    out.name = known.name;
    out.uuid = known.uuid;
    out.kind = kind_of(volume);
    out.size = size_of(set.text, volume);
    out.complete = is_complete(set, volume, 0, left);
    set.group.volumes.push_back(std::move(out));
  }
}

VolumeSet assemble(const std::vector<Piece>& pieces, const LvmGroup& text, const DiskOrder& order) {
  VolumeSet set;
  set.text = text;
  set.group.name = text.name;
  set.group.uuid = text.uuid;
  for (std::size_t row = 0; row < text.volumes.size(); ++row) set.by_name.emplace(text.volumes[row].name, row);
  place_physical(pieces, order, set);
  list_volumes(set);
  return set;
}

/// The care line that says how to tell two groups of one name from each other.
void note_names(std::vector<VolumeSet>& sets) {
  for (VolumeSet& set : sets) {
    const auto same = [&](const VolumeSet& other) { return &other != &set && other.group.name == set.group.name; };
    if (std::any_of(sets.begin(), sets.end(), same))
      set.group.care.emplace_back("another group has this name, too: `rescue mount` opens by UUID");
  }
}

}  // namespace

const LvmVolume* find_volume(const VolumeSet& set, const std::string& name) {
  const auto found = set.by_name.find(name);
  return found == set.by_name.end() ? nullptr : &set.text.volumes[found->second];
}

std::vector<VolumeSet> assemble_groups(const std::vector<Piece>& pieces, const DiskOrder& order) {
  std::vector<const LvmGroup*> newest;  // of each group
  for (const Piece& piece : pieces) {
    if (!piece.lvm || !piece.lvm->group) continue;
    const LvmGroup& text = *piece.lvm->group;
    const auto same = [&](const LvmGroup* one) { return one->uuid == text.uuid; };
    const auto found = std::find_if(newest.begin(), newest.end(), same);
    if (found == newest.end())
      newest.push_back(&text);
    else if ((*found)->version < text.version || ((*found)->volumes.empty() && (*found)->version == text.version))
      *found = &text;
  }
  std::vector<VolumeSet> sets;
  for (const LvmGroup* text : newest) sets.push_back(assemble(pieces, *text, order));
  note_names(sets);
  return sets;
}

}  // namespace lifeboat::init
