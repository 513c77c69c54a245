#include "init/disk/roles.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "init/disk/clones.hpp"
#include "init/disk/copies.hpp"
#include "init/disk/system_places.hpp"

namespace lifeboat::init {
namespace {

using Candidates = std::vector<Disk*>;

/// What lies on the disk, whether in partitions or on the whole of it; nothing unknown.
std::vector<const Content*> contents_of(const Disk& disk) {
  std::vector<const Content*> contents;
  if (!disk.content.type.empty()) contents.push_back(&disk.content);
  for (const Partition& partition : disk.partitions)
    if (!partition.content.type.empty()) contents.push_back(&partition.content);
  return contents;
}

template <class Predicate>
bool holds_only(const Disk& disk, Predicate is_right) {
  const auto contents = contents_of(disk);
  return !contents.empty() &&
         std::all_of(contents.begin(), contents.end(), [&](const Content* one) { return is_right(*one); });
}

bool is_swap(const Content& content) { return content.type == "swap" || content.type == "swsuspend"; }

/// Nova labels the file system of an additional local disk "ephemeral0", "ephemeral1" ...
bool is_ephemeral(const Content& content) {
  constexpr std::string_view word = "ephemeral";
  const std::string_view label = content.label;
  return label.size() > word.size() && label.starts_with(word) &&
         label.find_first_not_of("0123456789", word.size()) == label.npos;
}

void give(Disk& disk, DiskRole role, std::string_view reason) {
  disk.role = role;
  disk.role_reason = reason;
}

bool is_copy(const Disk& disk, const OwnMedium& own) {
  return !own.build_id.empty() && disk.medium_build == own.build_id && disk.name != own.disk;
}

/// True where the disk is left as a candidate.
bool put_aside_or_keep(Disk& disk, const OwnMedium& own, const Systems& systems) {
  disk.role = DiskRole::other;
  disk.role_reason.clear();
  if (!own.disk.empty() && disk.name == own.disk)
    give(disk, DiskRole::rescue_medium,
         own.guess ? "this rescue system runs from it, but may have been started from a copy of it"
                   : "this rescue system was started from it");
  else if (holds_only(disk, has_config_label))
    give(disk, DiskRole::config_drive, "it holds nothing but a file system named " + contents_of(disk).front()->label);
  else if (is_copy(disk, own) && !systems.on(disk))
    give(disk, DiskRole::other, "a copy of the rescue medium: it carries the same build");
  else if (!disk.medium_build.empty() && !systems.on(disk))
    give(disk, DiskRole::other, "another rescue medium, of the build " + disk.medium_build);
  else if (disk.optical)
    give(disk, DiskRole::other, "a CD or DVD");
  else if (disk.size == 0)
    give(disk, DiskRole::other, "an empty drive");
  else if (holds_only(disk, is_swap))
    give(disk, DiskRole::swap, "it holds nothing but swap");
  else if (holds_only(disk, is_ephemeral))
    give(disk, DiskRole::ephemeral, "its file system is named " + contents_of(disk).front()->label);
  else
    return true;
  return false;
}

/// What may hide an operating system from us; empty where nothing does.
std::string hiding(const DiskReport& report, const Disk& disk) {
  if (!disk.problem.empty()) return "it could not be read";
  if (auto words = hiding_words(report, disk); !words.empty()) return words;
  const auto bootable = [](const Partition& one) {
    return one.active || one.type_name == "EFI system" || one.type_name == "BIOS boot";
  };
  if (std::any_of(disk.partitions.begin(), disk.partitions.end(), bootable))
    return "it has a boot partition, though no operating system was found";
  return {};
}

template <class Predicate>
Candidates only(const Candidates& disks, Predicate is_right) {
  Candidates right;
  std::copy_if(disks.begin(), disks.end(), std::back_inserter(right), is_right);
  return right;
}

/// Of disks that one RAID or volume group lies on the first.
Candidates firsts(const Candidates& disks, const Systems& systems) {
  Candidates left;
  for (Disk* disk : disks)
    if (std::none_of(left.begin(), left.end(), [&](const Disk* one) { return systems.are_joined(*one, *disk); }))
      left.push_back(disk);
  return left;
}

std::string names(const Candidates& disks) {
  std::string text;
  for (std::size_t i = 0; i < disks.size(); ++i)
    text += (i == 0 ? "" : i + 1 == disks.size() ? " and " : ", ") + disks[i]->name;
  return text;
}

void choose(DiskReport& report, Disk& disk, Confidence confidence, const std::string& reason) {
  report.original = disk.name;
  report.confidence = confidence;
  report.reason = reason;
  give(disk, DiskRole::original, reason);
}

/// Why a disk with an operating system is it. `others` lie under the same RAID or volume group.
std::string system_reason(const SystemPlace& place, const Disk& disk, const Candidates& others) {
  const std::string where = place.words.empty() ? "" : ", in " + place.words;
  if (others.size() < 2) return "the only disk with an operating system" + where;
  return "the operating system is on " + names(others) + (where.empty() ? ", which belong together" : where) + "; " +
         disk.name + " is plugged in first";
}

Candidates joined_to(const Disk& disk, const Candidates& disks, const Systems& systems) {
  return only(disks, [&](const Disk* other) { return systems.are_joined(disk, *other); });
}

void choose_only(DiskReport& report, Disk& disk, const Systems& systems) {
  if (const SystemPlace* place = systems.best_on(disk))
    return choose(report, disk, Confidence::certain, system_reason(*place, disk, {&disk}));
  if (!disk.problem.empty())
    return choose(report, disk, Confidence::unsure, "the only disk that it can be, but it could not be read");
  const std::string why = hiding(report, disk);
  choose(report, disk, Confidence::likely,
         "the only disk that it can be" + (why.empty() ? ", but no operating system was found on it" : "; " + why));
}

/// Nobody shows an operating system: what may hide one.
void choose_hidden(DiskReport& report, const Candidates& disks, const Candidates& hidden, const Systems& systems) {
  const Candidates apart = firsts(hidden, systems);
  if (apart.empty())
    return choose(report, *disks.front(), Confidence::unsure,
                  "no operating system was found on " + names(disks) + "; this one is plugged in first");
  Disk& first = *apart.front();
  const std::string why = hiding(report, first);
  const Candidates parts = joined_to(first, hidden, systems);
  if (apart.size() > 1)
    return choose(report, first, Confidence::unsure,
                  names(apart) + " may each be it; this one is plugged in first, and " + why);
  choose(report, first, Confidence::likely,
         why + (parts.size() == 1 ? "" : "; of " + names(parts) + ", which belong together, it is plugged in first"));
}

void choose_among(DiskReport& report, const Candidates& disks, const Systems& systems) {
  const Candidates holders = only(disks, [&](const Disk* disk) { return systems.on(*disk); });
  const Candidates hidden = only(disks, [&](const Disk* disk) { return !hiding(report, *disk).empty(); });
  const Candidates apart = firsts(holders, systems);
  if (apart.empty()) return choose_hidden(report, disks, hidden, systems);
  Disk& first = *apart.front();
  if (apart.size() > 1)
    return choose(
        report, first, Confidence::unsure,
        names(apart) + (apart.size() == 2 ? " both" : "") + " hold an operating system; this one is plugged in first");
  const bool alone = joined_to(first, hidden, systems).size() == hidden.size();
  choose(report, first, alone ? Confidence::certain : Confidence::likely,
         system_reason(*systems.best_on(first), first, joined_to(first, holders, systems)));
}

/// The clones of the RAID or group that the root lies in, where nothing tells them apart.
const std::vector<std::string>* rivals_of(const DiskReport& report, const RootPlace& root) {
  const auto is_it = [&](const auto& one) { return !one.rivals.empty() && root.id.starts_with(one.uuid); };
  const auto array = std::find_if(report.arrays.begin(), report.arrays.end(), is_it);
  if (root.kind == "array" && array != report.arrays.end()) return &array->rivals;
  const auto group = std::find_if(report.groups.begin(), report.groups.end(), is_it);
  return root.kind == "volume" && group != report.groups.end() ? &group->rivals : nullptr;
}

void doubt_clones(DiskReport& report) {
  const auto* rivals = report.root ? rivals_of(report, *report.root) : nullptr;
  if (rivals == nullptr) return;
  report.confidence = Confidence::unsure;
  report.reason = joined_devices(*rivals) + " are clones, and nothing tells which is the original's; " +
                  report.original + " is plugged in first";
  for (Disk& disk : report.disks)
    if (disk.role == DiskRole::original) disk.role_reason = report.reason;
}

/// Where its root is, and what else belongs to it.
void fill_root(DiskReport& report, const Systems& systems) {
  for (const Disk& original : report.disks) {
    if (original.name != report.original) continue;
    if (const SystemPlace* place = systems.best_on(original)) report.root = place->root;
    for (Disk& other : report.disks)
      if (&other != &original && other.role == DiskRole::other && other.role_reason.empty() &&
          systems.are_joined(original, other))
        other.role_reason = "it belongs to the original: one RAID or volume group lies on both";
  }
}

/// Copies of the medium, when there is nothing else: whoever made the original a clone of the image still wants it.
Candidates last_resort(std::vector<Disk>& disks, const OwnMedium& own) {
  Candidates copies;
  for (Disk& disk : disks)
    if (is_copy(disk, own) && !disk.optical) copies.push_back(&disk);
  return copies;
}

void choose_copy(DiskReport& report, const Candidates& copies) {
  const std::string others = copies.size() == 1 ? "" : "; of " + names(copies) + " it is plugged in first";
  choose(report, *copies.front(), Confidence::unsure,
         "a copy of the rescue medium: it was taken only because there is no other disk, and it holds "
         "nothing but the rescue system" +
             others);
}

}  // namespace

bool has_config_label(const Content& content) {
  std::string label = content.label;
  std::transform(label.begin(), label.end(), label.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return label == "config-2" || label == "cidata";
}

void choose_original(DiskReport& report, const OwnMedium& own) {
  report.original.clear();
  report.root.reset();
  report.confidence = Confidence::unsure;
  note_clones(report);
  const Systems systems(report);
  Candidates candidates;
  for (Disk& disk : report.disks)
    if (put_aside_or_keep(disk, own, systems)) candidates.push_back(&disk);
  if (candidates.empty()) candidates = last_resort(report.disks, own);
  if (candidates.empty())
    report.reason = report.disks.empty() ? "the kernel knows no disk" : "no disk is left that it could be";
  else if (is_copy(*candidates.front(), own) && !systems.on(*candidates.front()))
    choose_copy(report, candidates);
  else if (candidates.size() == 1)
    choose_only(report, *candidates.front(), systems);
  else
    choose_among(report, candidates, systems);
  fill_root(report, systems);
  doubt_clones(report);
}

}  // namespace lifeboat::init
