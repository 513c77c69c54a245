#include "init/disk/system_places.hpp"

#include <algorithm>

#include "init/disk/examine.hpp"
#include "init/disk/file_systems.hpp"
#include "init/disk/fstab_devices.hpp"

namespace lifeboat::init {
namespace {

SystemPlace place_of(const FstabDevice& device) {
  SystemPlace place;
  place.content = device.content;
  place.disks = device.disks;
  place.root.device = device.path;
  if (device.array != nullptr) {
    place.root.kind = "array";
    place.root.id = device.array->uuid;
    place.words = "the RAID " + (device.array->name.empty() ? device.array->uuid : device.array->name);
  } else if (!device.group.empty()) {
    place.root.kind = "volume";
    place.words = "the volume " + device.group + "/" + device.volume;
  } else if (device.disk != nullptr) {
    place.root.kind = device.partition != nullptr ? "partition" : "disk";
    if (device.path.empty()) place.root.device = partition_device(device.disk->path, device.partition->number);
  } else {
    place.root.kind = "opened";
    place.words = "the opened device " + device.mapped;
  }
  return place;
}

/// "GROUP-UUID/VOLUME-UUID" of the volume that has this content.
std::string volume_id(const DiskReport& report, const Content* content) {
  for (const VolumeGroup& group : report.groups)
    for (const LogicalVolume& volume : group.volumes)
      if (&volume.content == content) return group.uuid + "/" + volume.uuid;
  return {};
}

/// A root's fstab names it by its UUID or its label, or by what it is reached by.
bool names_itself(const SystemPlace& place) {
  const Content& content = *place.content;
  const std::string& root = content.system->fstab_root;
  if (root.empty()) return false;
  if (root == "UUID=" + content.uuid || root == "LABEL=" + content.label || root == place.root.device) return true;
  const std::size_t name = place.words.rfind(' ');  // "/dev/vg/root"
  return place.root.kind == "volume" && root == "/dev/" + place.words.substr(name + 1);
}

int worth(const SystemPlace& place) {
  return (place.content->system->kind == "linux" ? 2 : 0) + (names_itself(place) ? 1 : 0);
}

bool lists(const std::vector<Member>& members, const std::string& device) {
  return std::any_of(members.begin(), members.end(), [&](const Member& one) { return one.device == device; });
}

/// Its kind is known, and where that may hold an operating system it was mounted to see.
bool was_looked_into(const Content& content) {
  const FileSystemKind* kind = find_file_system_kind(content.type);
  return !content.type.empty() && (kind == nullptr || kind->kernel_type.empty() || content.size != 0);
}

constexpr int most_hiding_layers = 6;

std::string hiding_in(const DiskReport& report, const Content& content, const std::string& device, int layers);

std::string hiding_in_volumes(const DiskReport& report, const VolumeGroup& group, int layers) {
  for (const LogicalVolume& volume : group.volumes) {
    if (volume.kind == "thin-pool" || volume.content.type == "swap") continue;
    if (!was_looked_into(volume.content)) return "it holds LVM, and an operating system may be inside";
    if (auto words = hiding_in(report, volume.content, volume.path, layers - 1); !words.empty()) return words;
  }
  return {};
}

std::string hiding_in_lvm(const DiskReport& report, const std::string& device, int layers) {
  for (const VolumeGroup& group : report.groups)
    if (lists(group.physical_volumes, device)) return hiding_in_volumes(report, group, layers);
  return "it holds LVM, and an operating system may be inside";
}

std::string hiding_in_raid(const DiskReport& report, const std::string& device, int layers) {
  for (const Array& array : report.arrays) {
    if (!lists(array.members, device) || !was_looked_into(array.content)) continue;
    return hiding_in(report, array.content, array.path.empty() ? "raid:" + array.uuid : array.path, layers - 1);
  }
  return "it is part of a RAID, and an operating system may be inside";
}

std::string hiding_in(const DiskReport& report, const Content& content, const std::string& device, int layers) {
  if (layers == 0) return {};
  if (content.type == "LVM2_member") return hiding_in_lvm(report, device, layers);
  if (content.usage == "raid") return hiding_in_raid(report, device, layers);
  if (content.usage != "crypto") return {};
  for (const OpenedDevice& opened : report.opened)
    if (opened.device == device) return hiding_in(report, opened.content, opened.path, layers - 1);
  return "it is encrypted, and an operating system may be inside";
}

}  // namespace

Systems::Systems(const DiskReport& report) {
  for (const FstabDevice& device : fstab_devices(report)) {
    if (!device.content->system) continue;
    places_.push_back(place_of(device));
    SystemPlace& place = places_.back();
    if (place.root.kind == "volume") place.root.id = volume_id(report, place.content);
    join(place.disks);
  }
  for (const Array& array : report.arrays) join(disks_below(report, array.members));
  for (const VolumeGroup& group : report.groups) join(disks_below(report, group.physical_volumes));
}

const SystemPlace* Systems::best_on(const Disk& disk) const {
  const SystemPlace* best = nullptr;
  for (const SystemPlace& place : places_) {
    const bool here = std::find(place.disks.begin(), place.disks.end(), disk.name) != place.disks.end();
    if (here && (best == nullptr || worth(place) > worth(*best))) best = &place;
  }
  return best;
}

void Systems::join(const std::vector<std::string>& disks) {
  if (disks.size() < 2) return;
  const std::string first = part_of(disks[0]);
  for (const std::string& disk : disks) {
    const std::string old = part_of(disk);
    for (auto& [name, part] : joined_)
      if (part == old) part = first;
    joined_[disk] = joined_[old] = first;
  }
}

std::string Systems::part_of(const std::string& disk) const {
  const auto found = joined_.find(disk);
  return found == joined_.end() ? disk : found->second;
}

std::string hiding_words(const DiskReport& report, const Disk& disk) {
  if (auto words = hiding_in(report, disk.content, disk.path, most_hiding_layers); !words.empty()) return words;
  for (const Partition& partition : disk.partitions) {
    const std::string path = partition_path(disk, partition);
    if (auto words = hiding_in(report, partition.content, path, most_hiding_layers); !words.empty()) return words;
  }
  return {};
}

}  // namespace lifeboat::init
