#include <algorithm>

#include "init/disk/as_found.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

using Lines = std::vector<std::string>;

std::string counted(std::uint64_t number, const char* one, const char* many) {
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

/// A write without sectors is a flush: it changes nothing.
void compare_counters(const WriteCounters& then, const WriteCounters& now, Comparison& found) {
  if (now.sectors < then.sectors || now.discards < then.discards || now.writes < then.writes)
    return found.unknown.emplace_back("the kernel counts its writes anew"), void();
  const std::uint64_t sectors = now.sectors - then.sectors;
  const std::uint64_t discards = now.discards - then.discards;
  std::string text;
  if (sectors != 0)
    text = counted(now.writes - then.writes, "write", "writes") + ", " + counted(sectors, "sector", "sectors");
  if (discards != 0) text += (text.empty() ? "" : ", ") + counted(discards, "discard", "discards");
  if (!text.empty()) found.changes.push_back(text + " since it was found");
}

bool was_read(const Ends& ends) { return !ends.first.empty() && !ends.last.empty(); }

/// An id. One that is missing beside sectors that cannot be read (`readable` is false then) is not known to be gone.
void compare_word(const std::string& what, const std::string& then, const std::string& now, bool readable,
                  Comparison& found) {
  if (then == now) return;
  if (!then.empty() && !now.empty())
    found.changes.push_back(what + " was " + then + " and is " + now);
  else if (!readable)
    found.unknown.push_back(what + (now.empty() ? " cannot be read any more" : " could not be read when it was found"));
  else
    found.changes.push_back(now.empty() ? what + " is gone: " + then : what + " is new: " + now);
}

/// A part that cannot be read is no part that changed: disks die while they are rescued.
void compare_area(const std::string& what, const std::string& then, const std::string& now, Comparison& found) {
  if (then.empty())
    found.unknown.push_back(what + " could not be read when it was found");
  else if (now.empty())
    found.unknown.push_back(what + " cannot be read any more");
  else if (then != now)
    found.changes.push_back(what + " changed");
}

void compare_partition(const PartitionAsFound& then, const PartitionAsFound& now, std::uint64_t disk,
                       Comparison& found) {
  const std::string name = then.name + ": ";
  if (then.start != now.start || then.size != now.size)
    found.changes.push_back(name + "it was moved or its size changed");
  const bool readable = was_read(then.ends) && was_read(now.ends);
  compare_word(name + "its partition UUID", then.uuid, now.uuid, readable, found);
  compare_word(name + "the UUID of what it holds", then.content_uuid, now.content_uuid, readable, found);
  if (then.start > disk || then.size > disk - then.start) return;  // of one beyond the disk's end nothing is read
  compare_area(name + "its beginning, where superblocks are,", then.ends.first, now.ends.first, found);
  compare_area(name + "its end", then.ends.last, now.ends.last, found);
}

void compare_partitions(const DiskAsFound& then, const DiskAsFound& now, Comparison& found) {
  for (const PartitionAsFound& partition : then.partitions) {
    const auto same = std::ranges::find(now.partitions, partition.name, &PartitionAsFound::name);
    if (same == now.partitions.end())
      found.changes.push_back(partition.name + ": it is gone");
    else
      compare_partition(partition, *same, then.size, found);
  }
  for (const PartitionAsFound& partition : now.partitions)
    if (std::ranges::find(then.partitions, partition.name, &PartitionAsFound::name) == then.partitions.end())
      found.changes.push_back(partition.name + ": it is new");
}

bool same_attachment(const DiskAsFound& left, const DiskAsFound& right) {
  return left.name == right.name && left.sequence == right.sequence &&
         (left.sequence != 0 || left.serial == right.serial);
}

/// A disk that was away and has its name again, as one with a loose cable: what it was like first counts.
bool came_back(const DiskAsFound& before, const DiskAsFound& now) {
  return before.name == now.name && !before.serial.empty() && before.serial == now.serial && before.size == now.size;
}

}  // namespace

Comparison compare(const DiskAsFound& then, const DiskAsFound& now) {
  if (now.problem == gone_words) return {{}, {gone_words}};
  if (!same_attachment(then, now)) return {{}, {"it was taken away, and another disk has its name now"}};
  Comparison found;
  if (then.size != now.size)
    found.changes.push_back("its size was " + std::to_string(then.size) + " bytes and is " + std::to_string(now.size));
  if (then.counters && now.counters) compare_counters(*then.counters, *now.counters, found);
  if (!now.problem.empty()) found.unknown.push_back(now.problem);
  if (!then.problem.empty()) found.unknown.push_back("it could not be read when it was found (" + then.problem + ")");
  if (!now.problem.empty() || !then.problem.empty()) return found;
  const bool readable = was_read(then.ends) && was_read(now.ends);
  compare_word("its disk id", then.table_id, now.table_id, readable, found);
  compare_word("the UUID of what it holds", then.content_uuid, now.content_uuid, readable, found);
  if (then.size != 0) {
    compare_area("its first MiB, where the partition table is,", then.ends.first, now.ends.first, found);
    compare_area("its last 256 KiB", then.ends.last, now.ends.last, found);
  }
  compare_partitions(then, now, found);
  return found;
}

std::vector<std::string> list_unanswered(const AsFound& found) {
  std::vector<std::string> names;
  for (auto disk = found.rbegin(); disk != found.rend(); ++disk) {
    const bool replaced =
        std::any_of(found.rbegin(), disk, [&](const DiskAsFound& later) { return later.name == disk->name; });
    // "reading /dev/vda: no answer within 10 seconds"; one of which an end alone does not answer is looked into.
    const bool unanswered =
        disk->problem.starts_with("reading /") && disk->problem.find(no_answer_words) != std::string::npos;
    if (!replaced && unanswered) names.push_back(disk->name);
  }
  return names;
}

void add_new_disks(AsFound& known, const AsFound& later) {
  for (const DiskAsFound& disk : later) {
    const auto same = [&](const DiskAsFound& other) { return same_attachment(disk, other); };
    if (std::ranges::any_of(known, same)) continue;
    const auto before = std::ranges::find_if(known, [&](const DiskAsFound& other) { return came_back(other, disk); });
    if (before == known.end()) {
      known.push_back(disk);
    } else {
      before->earlier_sequences.push_back(before->sequence);
      before->sequence = disk.sequence;
      before->counters = disk.counters;
    }
  }
}

}  // namespace lifeboat::init
