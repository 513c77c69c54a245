#include "init/disk/across.hpp"

#include <algorithm>
#include <set>

namespace lifeboat::init {
namespace {

std::vector<Content*> all_contents(DiskReport& report) {
  std::vector<Content*> contents;
  for (Disk& disk : report.disks) {
    contents.push_back(&disk.content);
    for (Partition& partition : disk.partitions) contents.push_back(&partition.content);
  }
  for (Array& array : report.arrays) contents.push_back(&array.content);
  for (VolumeGroup& group : report.groups)
    for (LogicalVolume& volume : group.volumes) contents.push_back(&volume.content);
  for (OpenedDevice& opened : report.opened) contents.push_back(&opened.content);
  return contents;
}

/// Of clones each device is there twice: it counts once, and the newest of them.
void check_btrfs(Content& content, const std::vector<Content*>& all) {
  std::set<std::uint64_t> numbers;
  std::uint64_t newest = 0;
  for (const Content* other : all) {
    if (other->type != content.type || other->uuid != content.uuid) continue;
    numbers.insert(other->device_number);
    newest = std::max(newest, other->generation);
  }
  if (numbers.size() < content.devices)
    content.care.push_back(std::to_string(content.devices - numbers.size()) + " of its " +
                           std::to_string(content.devices) + " devices " +
                           (content.devices - numbers.size() == 1 ? "is" : "are") +
                           " missing: it can be mounted with the option degraded, if at all");
  if (content.generation < newest)
    content.care.push_back("it is older than another device of the same file system (generation " +
                           std::to_string(content.generation) + ", there " + std::to_string(newest) +
                           "): it was away for a while, or is an old copy");
}

/// The same unit by two paths has one serial number, and one size.
void check_paths(Disk& disk, const std::vector<Disk>& all) {
  const bool network_like = disk.bus == "scsi" || disk.bus == "iscsi" || disk.bus == "fc";
  if (disk.serial.empty() || !network_like) return;
  for (const Disk& other : all)
    if (&other != &disk && other.bus == disk.bus && other.serial == disk.serial && other.size == disk.size)
      disk.care.push_back("it has the serial number of " + other.name +
                          ": perhaps it is one disk, reached by two paths (multipath); work with one of them only");
}

}  // namespace

void check_across_disks(DiskReport& report) {
  const std::vector<Content*> contents = all_contents(report);
  for (Content* content : contents)
    if (content->type == "btrfs" && content->devices > 1) check_btrfs(*content, contents);
  for (Disk& disk : report.disks) check_paths(disk, report.disks);
}

}  // namespace lifeboat::init
