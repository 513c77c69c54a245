#include "init/disk/md_arrays.hpp"

#include <algorithm>

namespace lifeboat::init {
namespace {

using Members = std::vector<const Piece*>;

std::string level_name(std::int32_t level) {
  return level == -1 ? "linear" : level == -4 ? "multipath" : "raid" + std::to_string(level);
}

/// How many copies RAID 10 keeps of each chunk, next to each other and far away (layout's bytes 0 and 1).
std::uint32_t near_copies(std::uint32_t layout) { return std::max(layout & 0xffU, 1U); }
std::uint32_t all_copies(std::uint32_t layout) { return near_copies(layout) * std::max((layout >> 8U) & 0xffU, 1U); }

std::size_t count_there(const Members& slots) {
  return slots.size() - static_cast<std::size_t>(std::count(slots.begin(), slots.end(), nullptr));
}

/// As the kernel's raid10 does (enough()): wherever a chunk begins, one of its copies has to be there.
bool raid10_is_enough(const Members& slots, std::uint32_t layout) {
  const std::size_t step = near_copies(layout), copies = std::min<std::size_t>(all_copies(layout), slots.size());
  std::size_t first = 0;
  for (std::size_t turn = 0; turn < slots.size(); ++turn) {
    bool one = false;
    for (std::size_t copy = 0; copy < copies; ++copy) one = one || slots[(first + copy) % slots.size()] != nullptr;
    if (!one) return false;
    first = (first + step) % slots.size();
    if (first == 0) break;
  }
  return true;
}

bool is_enough(const RaidSuperblock& block, const Members& slots) {
  const std::size_t missing = slots.size() - count_there(slots);
  switch (block.level) {
    case 1:
    case -4:
      return missing < slots.size();
    case 4:
    case 5:
      return missing <= 1;
    case 6:
      return missing <= 2;
    case 10:
      return raid10_is_enough(slots, block.layout);
    default:
      return missing == 0;
  }
}

/// Where a member's data are cut off to whole chunks.
std::uint64_t size_of(const RaidSet& set) {
  const RaidSuperblock& block = set.newest;
  const std::uint64_t slots = block.slots;
  if (block.level == 0 || block.level == -1) {
    std::uint64_t sum = 0;
    for (const Piece* piece : set.slots) sum += piece == nullptr ? 0 : piece->raid->whole_chunks();
    return sum;
  }
  const std::uint64_t parity = block.level == 6 ? 2 : block.level == 4 || block.level == 5 ? 1 : 0;
  if (parity != 0) return slots > parity ? block.component * (slots - parity) : 0;
  return block.level == 10 ? block.component * slots / all_copies(block.layout) : block.component;
}

bool is_behind(const RaidSuperblock& member, const RaidSuperblock& newest) {
  // The kernel starts an array with members that are one event behind, too. One that was thrown out may be no more.
  return member.events + 1 < newest.events ||
         (member.events < newest.events && newest.role_of(member.number) == RaidSuperblock::faulty);
}

std::string state_of(const RaidSuperblock& member, const RaidSuperblock& newest) {
  if (is_behind(member, newest)) return "out of date";
  if (member.role() >= RaidSuperblock::first_special)
    return member.role() == RaidSuperblock::faulty ? "out of date" : "spare";
  return member.rebuilding ? "rebuilding" : "active";
}

Member member_of(const Piece& piece, const RaidSuperblock& newest) {
  const std::uint16_t role = piece.raid->role();
  return {piece.device, piece.raid->member, state_of(*piece.raid, newest),
          role < newest.slots ? static_cast<std::int32_t>(role) : -1};
}

/// Takes the members that are left once clones are put aside, and notes those. The newest first.
Members without_clones(const Members& all, const CopyChoice& choice, RaidSet& set) {
  std::vector<Bearer> bearers;
  for (const Piece* piece : all) bearers.push_back({piece, std::to_string(piece->raid->number), piece->raid->events});
  Copies copies = choose_copy(std::move(bearers), choice, "member");
  set.array.care = std::move(copies.care);
  set.array.rivals = std::move(copies.rivals);
  set.array.doubt =
      copies.other_open.empty() ? std::move(copies.doubt) : "its clone on " + copies.other_open + " is open";
  set.is_blocked = !copies.other_open.empty();
  for (const Bearer& one : copies.doubtful) set.doubtful.push_back(one.piece);
  for (Clone& clone : copies.clones)
    set.clones.push_back({"RAID", all.front()->raid->uuid + " member " + clone.id, std::move(clone.devices)});
  Members left;
  for (const Bearer& one : copies.kept) left.push_back(one.piece);
  return left;
}

/// A mirror can do without them; nothing else is read while it is not known whose they are.
void place_doubtful(RaidSet& set) {
  for (const Piece* piece : set.doubtful) {
    Member member = member_of(*piece, set.newest);
    member.state = "in doubt";
    set.array.members.push_back(std::move(member));
  }
}

std::size_t count_doubtful(const RaidSet& set) {
  const auto fills = [](const Member& one) { return one.state == "in doubt" && one.slot >= 0; };
  return static_cast<std::size_t>(std::count_if(set.array.members.begin(), set.array.members.end(), fills));
}

void place_members(const Members& members, RaidSet& set) {
  set.slots.assign(set.newest.slots, nullptr);
  for (const Piece* piece : members) {
    Member member = member_of(*piece, set.newest);
    if (member.slot >= 0 && member.state == "active") {
      const Piece*& slot = set.slots[static_cast<std::size_t>(member.slot)];
      if (slot != nullptr) member.state = "out of date";  // two rows that claim one slot
      if (slot == nullptr) slot = piece;
    }
    set.array.members.push_back(std::move(member));
  }
  place_doubtful(set);
  for (std::uint32_t slot = 0; slot < set.newest.slots; ++slot) {
    const auto claims = [&](const Member& one) { return one.slot == static_cast<std::int32_t>(slot); };
    if (std::none_of(set.array.members.begin(), set.array.members.end(), claims))
      set.array.members.push_back({"", "", "missing", static_cast<std::int32_t>(slot)});
  }
  const auto place = [](const Member& one) { return static_cast<std::uint32_t>(one.slot); };  // -1 comes last
  std::stable_sort(set.array.members.begin(), set.array.members.end(),
                   [&](const Member& a, const Member& b) { return place(a) < place(b); });
}

void add_care(RaidSet& set) {
  std::vector<std::string>& care = set.array.care;
  if (!set.array.doubt.empty())
    care.push_back(set.array.doubt + ": " +
                   (set.is_blocked                    ? "end that first"
                    : set.array.state == "incomplete" ? "it is not read before you name all: rescue mount DEVICE DEVICE"
                                                      : "it is read without"));
  if (set.newest.reshaping)
    care.emplace_back("a change of its shape is not finished: it is only read as a whole array");
  if (!set.newest.clean) care.emplace_back("it was not stopped cleanly: started for writing, it would resync");
  if (set.array.state == "degraded")
    care.emplace_back("it is degraded: copy what matters before another device fails; nothing is rebuilt by itself");
  for (const Member& member : set.array.members) {
    if (member.state == "out of date")
      care.push_back(member.device + " is out of date: its data are older, do not use them");
    if (member.state == "rebuilding") care.push_back(member.device + " was being rebuilt: its data are not whole");
  }
}

RaidSet assemble(const Members& all, const CopyChoice& choice) {
  RaidSet set;
  const Members members = without_clones(all, choice, set);
  set.newest = *members.front()->raid;
  set.array.uuid = set.newest.uuid;
  set.array.name = set.newest.name;
  set.array.metadata = set.newest.metadata;
  set.array.level = level_name(set.newest.level);
  set.array.slots = set.newest.slots;
  place_members(members, set);
  set.array.size = size_of(set);
  const bool whole = count_there(set.slots) + count_doubtful(set) == set.slots.size();
  set.array.state = set.is_blocked || !is_enough(set.newest, set.slots) ? "incomplete" : whole ? "whole" : "degraded";
  add_care(set);
  return set;
}

}  // namespace

std::vector<RaidSet> assemble_arrays(const std::vector<Piece>& pieces, const CopyChoice& choice) {
  std::vector<Members> found;
  for (const Piece& piece : pieces) {
    if (!piece.raid) continue;
    const auto same = [&](const Members& one) { return one.front()->raid->uuid == piece.raid->uuid; };
    const auto members = std::find_if(found.begin(), found.end(), same);
    if (members == found.end())
      found.push_back({&piece});
    else
      members->push_back(&piece);
  }
  std::vector<RaidSet> sets;
  for (const Members& members : found) sets.push_back(assemble(members, choice));
  return sets;
}

std::vector<Array> list_containers(const std::vector<Piece>& pieces) {
  std::vector<Array> found;
  for (const Piece& piece : pieces) {
    if (piece.container.empty()) continue;
    const auto same = [&](const Array& one) {
      return one.metadata == piece.container && one.uuid == piece.container_id;
    };
    auto container = std::find_if(found.begin(), found.end(), same);
    if (container == found.end()) {
      container = found.insert(found.end(), Array());
      container->metadata = piece.container;
      container->uuid = piece.container_id;
      container->level = "container";
      container->care.emplace_back("a firmware RAID: its volumes are not looked into");
    }
    container->members.push_back({piece.device, "", "active", -1});
    ++container->slots;
  }
  return found;
}

}  // namespace lifeboat::init
