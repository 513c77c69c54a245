#include "init/disk/fstab_devices.hpp"

#include <algorithm>

namespace lifeboat::init {
namespace {

using Names = std::vector<std::string>;

constexpr int most_layers = 8;  // RAID on LVM on LUKS ...; hostile metadata may go in a circle

void add_once(Names& names, const Names& more) {
  for (const std::string& name : more)
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

Names disks_below(const DiskReport& report, std::string_view device, int layers);

Names disks_below(const DiskReport& report, const std::vector<Member>& members, int layers) {
  Names names;
  for (const Member& member : members) add_once(names, disks_below(report, member.device, layers));
  return names;
}

Names disks_below(const DiskReport& report, std::string_view device, int layers) {
  if (device.empty() || layers == 0) return {};
  for (const Disk& disk : report.disks) {
    if (disk.path == device) return {disk.name};
    for (const Partition& partition : disk.partitions)
      if (partition_path(disk, partition) == device) return {disk.name};
  }
  for (const OpenedDevice& opened : report.opened)
    if (opened.path == device) return disks_below(report, opened.device, layers - 1);
  for (const Array& array : report.arrays)
    if (array.path == device || "raid:" + array.uuid == device) return disks_below(report, array.members, layers - 1);
  for (const VolumeGroup& group : report.groups)
    for (const LogicalVolume& volume : group.volumes)
      if (volume.path == device) return disks_below(report, group.physical_volumes, layers - 1);
  return {};
}

void add_disk(const Disk& disk, std::vector<FstabDevice>& devices) {
  FstabDevice whole;
  whole.path = disk.path;
  whole.disks = {disk.name};
  whole.content = &disk.content;
  whole.disk = &disk;
  devices.push_back(whole);
  for (const Partition& partition : disk.partitions) {
    FstabDevice part = whole;
    part.path = partition_path(disk, partition);
    part.content = &partition.content;
    part.partition = &partition;
    if (part.path.empty())
      part.trouble =
          "the kernel has made no device for partition " + std::to_string(partition.number) + " of " + disk.path;
    devices.push_back(part);
  }
}

FstabDevice device_of(const DiskReport& report, const Array& array) {
  FstabDevice device;
  device.path = array.path.empty() ? "/dev/disk/by-id/md-uuid-" + array.uuid : array.path;
  device.disks = disks_below(report, array.members);
  device.content = &array.content;
  device.array = &array;
  if (array.state == "incomplete") device.trouble = "too many devices of its RAID are missing";
  return device;
}

FstabDevice device_of(const DiskReport& report, const VolumeGroup& group, const LogicalVolume& volume) {
  FstabDevice device;
  device.group = group.name;
  device.volume = volume.name;
  device.mapped = mapped_name(group.name, volume.name);
  device.path = volume.path.empty() ? "/dev/mapper/" + device.mapped : volume.path;
  device.disks = disks_below(report, group.physical_volumes);
  device.content = &volume.content;
  if (!volume.complete) device.trouble = "not all devices that it lies on are there";
  return device;
}

FstabDevice device_of(const DiskReport& report, const OpenedDevice& opened) {
  FstabDevice device;
  device.path = opened.path;
  device.disks = disks_below(report, opened.device);
  device.content = &opened.content;
  device.mapped = opened.name;
  return device;
}

}  // namespace

std::string partition_path(const Disk& disk, const Partition& partition) {
  return partition.name.empty() ? "" : disk.path.substr(0, disk.path.rfind('/') + 1) + partition.name;
}

std::vector<FstabDevice> fstab_devices(const DiskReport& report) {
  std::vector<FstabDevice> devices;
  for (const Disk& disk : report.disks) add_disk(disk, devices);
  for (const Array& array : report.arrays) devices.push_back(device_of(report, array));
  for (const VolumeGroup& group : report.groups)
    for (const LogicalVolume& volume : group.volumes) devices.push_back(device_of(report, group, volume));
  for (const OpenedDevice& opened : report.opened) devices.push_back(device_of(report, opened));
  return devices;
}

Names disks_below(const DiskReport& report, std::string_view device) {
  return disks_below(report, device, most_layers);
}

Names disks_below(const DiskReport& report, const std::vector<Member>& members) {
  return disks_below(report, members, most_layers);
}

std::string mapped_name(std::string_view group, std::string_view volume) {
  const auto doubled = [](std::string_view name) {
    std::string out;
    for (const char c : name) out += c == '-' ? std::string("--") : std::string(1, c);
    return out;
  };
  return doubled(group) + "-" + doubled(volume);
}

}  // namespace lifeboat::init
