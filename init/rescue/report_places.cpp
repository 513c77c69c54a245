#include "init/rescue/report_places.hpp"

#include "init/disk/examine.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view raid_prefix = "raid:";

}  // namespace

std::string path_of(const Disk& disk, const Partition& partition) {
  return partition.name.empty() ? partition_device(disk.path, partition.number) : "/dev/" + partition.name;
}

const Array* find_array(const DiskReport& report, std::string_view device) {
  for (const Array& array : report.arrays)
    if (device == array.path || (device.starts_with(raid_prefix) && device.substr(raid_prefix.size()) == array.uuid))
      return &array;
  return nullptr;
}

const Array* find_array_by_id(const DiskReport& report, const std::string& id) {
  return find_array(report, std::string(raid_prefix) + id);
}

std::string key_of(const Array& array) {
  return array.path.empty() ? std::string(raid_prefix) + array.uuid : array.path;
}

std::string volume_id(const VolumeGroup& group, const LogicalVolume& volume) { return group.uuid + "/" + volume.uuid; }

std::string mapper_path(const VolumeGroup& group, const LogicalVolume& volume) {
  std::string path = "/dev/mapper/";
  for (const std::string* name : {&group.name, &volume.name}) {
    if (name == &volume.name) path += '-';
    for (const char c : *name) path += c == '-' ? "--" : std::string(1, c);
  }
  return path;
}

VolumePlace find_volume(const DiskReport& report, const RootPlace& place) {
  for (const VolumeGroup& group : report.groups)
    for (const LogicalVolume& volume : group.volumes)
      if (place.id.empty() ? !volume.path.empty() && volume.path == place.device : volume_id(group, volume) == place.id)
        return {&group, &volume};
  return {};
}

RootPlace place_of(const Array& array) { return {array.path, "array", array.uuid}; }
RootPlace place_of(const VolumeGroup& group, const LogicalVolume& volume) {
  return {volume.path.empty() ? mapper_path(group, volume) : volume.path, "volume", volume_id(group, volume)};
}

bool is_encrypted(const Content* content) { return content != nullptr && content->type == "crypto_LUKS"; }

const Content* content_at(const DiskReport& report, const RootPlace& place) {
  if (place.kind == "array") {
    const Array* array = find_array_by_id(report, place.id);
    return array == nullptr ? nullptr : &array->content;
  }
  if (place.kind == "volume") {
    const VolumePlace found = find_volume(report, place);
    return found.volume == nullptr ? nullptr : &found.volume->content;
  }
  for (const OpenedDevice& opened : report.opened)
    if (opened.path == place.device) return &opened.content;
  for (const Disk& disk : report.disks) {
    if (disk.path == place.device) return &disk.content;
    for (const Partition& partition : disk.partitions)
      if (place.device == path_of(disk, partition)) return &partition.content;
  }
  return nullptr;
}

}  // namespace lifeboat::init
