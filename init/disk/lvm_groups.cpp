#include "init/disk/lvm_groups.hpp"

#include <algorithm>

namespace lifeboat::init {
namespace {

constexpr int deepest = 8;  // volumes on volumes: a thin one on its pool, on its data, on a RAID's images

std::uint64_t version_of(const Piece& piece) { return piece.lvm->group ? piece.lvm->group->version : 0; }

bool lists(const LvmGroup& text, const std::string& physical) {
  return std::any_of(text.physical.begin(), text.physical.end(),
                     [&](const LvmPhysical& one) { return one.uuid == physical; });
}

/// Its physical volumes, those without a text of their own, too, and their clones.
std::vector<Bearer> bearers_of(const std::vector<Piece>& pieces, const std::string& uuid) {
  std::vector<const LvmGroup*> texts;
  for (const Piece& piece : pieces)
    if (piece.lvm && piece.lvm->group && piece.lvm->group->uuid == uuid) texts.push_back(&*piece.lvm->group);
  std::vector<Bearer> bearers;
  for (const Piece& piece : pieces) {
    if (!piece.lvm) continue;
    const bool listed =
        std::any_of(texts.begin(), texts.end(), [&](const LvmGroup* text) { return lists(*text, piece.lvm->uuid); });
    if (listed && (!piece.lvm->group || piece.lvm->group->uuid == uuid))
      bearers.push_back({&piece, piece.lvm->uuid, version_of(piece)});
  }
  return bearers;
}

/// The newest text of what is kept. A disk's pieces have a text that they share once: of equal ones the longest.
LvmGroup text_of(const Copies& copies, const std::vector<Bearer>& all, const std::string& uuid) {
  const LvmGroup* best = nullptr;
  const auto take = [&](const Bearer& one) {
    if (!one.piece->lvm->group || one.piece->lvm->group->uuid != uuid) return;
    const LvmGroup& text = *one.piece->lvm->group;
    if (best == nullptr || text.version > best->version ||
        (text.version == best->version && best->volumes.empty() && best->physical.size() <= text.physical.size()))
      best = &text;
  };
  for (const Bearer& one : copies.kept) take(one);
  const std::uint64_t version = best == nullptr ? 0 : best->version;
  for (const bool same_disk : {true, false})
    for (const Bearer& one : all)
      if (version_of(*one.piece) == version && (one.piece->disk == copies.kept.front().piece->disk) == same_disk)
        take(one);
  return best == nullptr ? LvmGroup() : *best;
}

const Bearer* find_bearer(const std::vector<Bearer>& bearers, const std::string& member) {
  const auto found =
      std::find_if(bearers.begin(), bearers.end(), [&](const Bearer& one) { return one.member == member; });
  return found == bearers.end() ? nullptr : &*found;
}

void place_one(const LvmPhysical& physical, const Piece& piece, VolumeSet& set, Member& member) {
  const std::uint64_t version = version_of(piece);
  const bool old = version != 0 && version < set.text.version;
  member.device = piece.device;
  member.state = old ? "out of date" : "active";
  set.devices[physical.name] = member.device;
  if (old)
    set.group.care.push_back(member.device + " has older metadata of the group (version " + std::to_string(version) +
                             ", the newest is " + std::to_string(set.text.version) + ")");
  if (!piece.lvm->problem.empty()) set.group.care.push_back(member.device + ": " + piece.lvm->problem);
}

void place_physical(const Copies& copies, VolumeSet& set) {
  for (const LvmPhysical& physical : set.text.physical) {
    Member member{"", physical.uuid, "missing", -1};
    if (const Bearer* one = find_bearer(copies.kept, physical.uuid)) place_one(physical, *one->piece, set, member);
    if (const Bearer* one = find_bearer(copies.doubtful, physical.uuid)) {
      member.device = one->piece->device;
      member.state = "in doubt";
    }
    set.group.size += physical.extents * set.text.extent_size;
    set.group.physical_volumes.push_back(std::move(member));
  }
}

void take_copies(Copies& copies, VolumeSet& set) {
  set.group.care = std::move(copies.care);
  set.group.rivals = std::move(copies.rivals);
  set.group.doubt = std::move(copies.doubt);
  set.other_open = std::move(copies.other_open);
  set.clones = std::move(copies.clones);
  if (!set.group.doubt.empty())
    set.group.care.push_back(set.group.doubt +
                             ": what lies there is not read before you name all: rescue mount DEVICE "
                             "DEVICE");
  if (set.other_open.empty()) return;
  set.group.doubt = "its clone on " + set.other_open + " is open";
  set.group.care.push_back(set.group.doubt + ": end that first");
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

/// Whether the volume, its pool, its origin or a part of those has a cache. `left`: as above.
bool is_cached(const VolumeSet& set, const LvmVolume& volume, int depth, int& left) {
  if (depth > deepest) return false;
  const auto below = [&](const std::string& name) {
    const LvmVolume* other = left-- > 0 ? find_volume(set, name) : nullptr;
    return other != nullptr && is_cached(set, *other, depth + 1, left);
  };
  for (const LvmSegment& segment : volume.segments) {
    if (segment.type.starts_with("cache") || segment.type.starts_with("writecache")) return true;
    if (std::any_of(segment.areas.begin(), segment.areas.end(), [&](const LvmArea& area) { return below(area.on); }) ||
        std::any_of(segment.needs.begin(), segment.needs.end(), below))
      return true;
  }
  return false;
}

std::string kind_of(const LvmVolume& volume) {
  if (volume.segments.empty()) return {};
  const LvmSegment& first = volume.segments.front();
  // "cache+CACHE_USES_CACHEVOL": with what an older LVM must know.
  return first.type == "striped" && first.areas.size() == 1 ? "linear" : first.type.substr(0, first.type.find('+'));
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
    out.cached = is_cached(set, volume, 0, left);
    out.complete = set.other_open.empty() && is_complete(set, volume, 0, left);
    set.group.volumes.push_back(std::move(out));
  }
}

VolumeSet assemble(const std::vector<Piece>& pieces, const std::string& uuid, const CopyChoice& choice) {
  VolumeSet set;
  const std::vector<Bearer> all = bearers_of(pieces, uuid);
  if (all.empty()) return set;
  Copies copies = choose_copy(all, choice, "physical volume");
  set.text = text_of(copies, all, uuid);
  set.group.name = set.text.name;
  set.group.uuid = uuid;
  for (std::size_t row = 0; row < set.text.volumes.size(); ++row) set.by_name.emplace(set.text.volumes[row].name, row);
  take_copies(copies, set);
  place_physical(copies, set);
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

std::vector<VolumeSet> assemble_groups(const std::vector<Piece>& pieces, const CopyChoice& choice) {
  std::vector<std::string> uuids;
  for (const Piece& piece : pieces)
    if (piece.lvm && piece.lvm->group && std::find(uuids.begin(), uuids.end(), piece.lvm->group->uuid) == uuids.end())
      uuids.push_back(piece.lvm->group->uuid);
  std::vector<VolumeSet> sets;
  for (const std::string& uuid : uuids)
    if (VolumeSet set = assemble(pieces, uuid, choice); !set.group.uuid.empty()) sets.push_back(std::move(set));
  note_names(sets);
  return sets;
}

}  // namespace lifeboat::init
