#include "init/disk/roles.hpp"

#include <algorithm>
#include <cctype>

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

/// cloud-init's labels for the two kinds of drives. Ironic puts such a partition on the original disk itself, so a disk
/// is a config drive only where it holds nothing else.
bool is_config_drive(const Content& content) {
  std::string label = content.label;
  std::transform(label.begin(), label.end(), label.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return label == "config-2" || label == "cidata";
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

bool has_system(const Disk* disk) {
  const auto contents = contents_of(*disk);
  return std::any_of(contents.begin(), contents.end(),
                     [](const Content* content) { return content->system.has_value(); });
}

bool is_copy(const Disk& disk, const OwnMedium& own) {
  return !own.build_id.empty() && disk.medium_build == own.build_id && disk.name != own.disk;
}

/// True where the disk is left as a candidate.
bool put_aside_or_keep(Disk& disk, const OwnMedium& own) {
  disk.role = DiskRole::other;
  disk.role_reason.clear();
  if (!own.disk.empty() && disk.name == own.disk)
    give(disk, DiskRole::rescue_medium,
         own.guess ? "this rescue system runs from it, but may have been started from a copy of it"
                   : "this rescue system was started from it");
  else if (holds_only(disk, is_config_drive))
    give(disk, DiskRole::config_drive, "it holds nothing but a file system named " + contents_of(disk).front()->label);
  else if (is_copy(disk, own) && !has_system(&disk))
    give(disk, DiskRole::other, "a copy of the rescue medium: it carries the same build");
  else if (!disk.medium_build.empty() && !has_system(&disk))
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
std::string hiding(const Disk& disk) {
  if (!disk.problem.empty()) return "it could not be read";
  for (const Content* content : contents_of(disk)) {
    if (content->type == "LVM2_member") return "it holds LVM, and an operating system may be inside";
    if (content->usage == "crypto") return "it is encrypted, and an operating system may be inside";
    if (content->usage == "raid") return "it is part of a RAID, and an operating system may be inside";
  }
  const auto bootable = [](const Partition& one) {
    return one.active || one.type_name == "EFI system" || one.type_name == "BIOS boot";
  };
  if (std::any_of(disk.partitions.begin(), disk.partitions.end(), bootable))
    return "it has a boot partition, though no operating system was found";
  return {};
}

bool hides_something(const Disk* disk) { return !hiding(*disk).empty(); }

Candidates only(const Candidates& disks, bool (*is_right)(const Disk*)) {
  Candidates right;
  std::copy_if(disks.begin(), disks.end(), std::back_inserter(right), is_right);
  return right;
}

std::string names(const Candidates& disks) {
  std::string text;
  for (std::size_t i = 0; i < disks.size(); ++i)
    text += (i == 0 ? "" : i + 1 == disks.size() ? " and " : ", ") + disks[i]->name;
  return text;
}

/// What a byte-for-byte copy has in common with its source; empty where the disk has no such id.
const std::string& id_of(const Disk& disk) { return disk.table.empty() ? disk.content.uuid : disk.table_id; }

void note_clones(std::vector<Disk>& disks) {
  for (Disk& disk : disks)
    for (const Disk& other : disks)
      if (&other != &disk && !id_of(disk).empty() && id_of(disk) == id_of(other))
        disk.care.push_back("it has the id of " + other.name +
                            ", as a clone has: go by device names, not by UUID or label");
}

void choose(DiskReport& report, Disk& disk, Confidence confidence, const std::string& reason) {
  report.original = disk.name;
  report.confidence = confidence;
  report.reason = reason;
  give(disk, DiskRole::original, reason);
}

void choose_only(DiskReport& report, Disk& disk) {
  if (has_system(&disk)) return choose(report, disk, Confidence::certain, "the only disk with an operating system");
  if (!disk.problem.empty())
    return choose(report, disk, Confidence::unsure, "the only disk that it can be, but it could not be read");
  const std::string why = hiding(disk);
  choose(report, disk, Confidence::likely,
         "the only disk that it can be" + (why.empty() ? ", but no operating system was found on it" : "; " + why));
}

void choose_among(DiskReport& report, const Candidates& disks) {
  const Candidates systems = only(disks, has_system);
  const Candidates hidden = only(disks, hides_something);
  if (systems.size() == 1) {
    const bool alone =
        std::all_of(hidden.begin(), hidden.end(), [&](const Disk* disk) { return disk == systems.front(); });
    return choose(report, *systems.front(), alone ? Confidence::certain : Confidence::likely,
                  "the only disk with an operating system");
  }
  if (!systems.empty())
    return choose(report, *systems.front(), Confidence::unsure,
                  names(systems) + (systems.size() == 2 ? " both" : "") +
                      " hold an operating system; this one is plugged in first");
  if (hidden.size() == 1) return choose(report, *hidden.front(), Confidence::likely, hiding(*hidden.front()));
  if (!hidden.empty())
    return choose(report, *hidden.front(), Confidence::unsure,
                  names(hidden) + " may each be it; this one is plugged in first, and " + hiding(*hidden.front()));
  choose(report, *disks.front(), Confidence::unsure,
         "no operating system was found on " + names(disks) + "; this one is plugged in first");
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

void choose_original(DiskReport& report, const OwnMedium& own) {
  report.original.clear();
  report.confidence = Confidence::unsure;
  note_clones(report.disks);
  Candidates candidates;
  for (Disk& disk : report.disks)
    if (put_aside_or_keep(disk, own)) candidates.push_back(&disk);
  if (candidates.empty()) candidates = last_resort(report.disks, own);
  if (candidates.empty())
    report.reason = report.disks.empty() ? "the kernel knows no disk" : "no disk is left that it could be";
  else if (is_copy(*candidates.front(), own) && !has_system(candidates.front()))
    choose_copy(report, candidates);
  else if (candidates.size() == 1)
    choose_only(report, *candidates.front());
  else
    choose_among(report, candidates);
}

}  // namespace lifeboat::init
