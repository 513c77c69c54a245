#include "init/disk/examine.hpp"

#include <fcntl.h>
#include <linux/cdrom.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <climits>  // CDSL_CURRENT is INT_MAX

#include "init/contract/medium_mark.hpp"
#include "init/disk/file_systems.hpp"
#include "init/disk/look_inside.hpp"
#include "init/disk/mbr.hpp"
#include "init/disk/probe.hpp"
#include "init/disk/read_bytes.hpp"
#include "init/disk/table_care.hpp"
#include "init/sys/device_mapper.hpp"

namespace lifeboat::init {
namespace {

bool is_extended(const Partition& partition) {
  return partition.type == "0x05" || partition.type == "0x0f" || partition.type == "0x85";
}

/// A whole disk's superblock counts beside a partition table only where the two belong together:
/// a hybrid ISO image, or a firmware RAID's member.
bool counts(const Content& content, const Disk& disk) {
  return disk.table.empty() || content.type == "iso9660" || content.usage == "raid";
}

void probe_contents(const Fd& device, Disk& disk) {
  for (Partition& partition : disk.partitions) {
    if (is_extended(partition)) continue;
    partition.content = probe_content(device, partition.start, partition.size);
    if (partition.name.empty()) partition.content.care.emplace_back("the kernel has made no device for it");
  }
  if (Content whole = probe_content(device, 0, disk.size); counts(whole, disk)) disk.content = std::move(whole);
}

/// Whether it is a medium of ours, or a copy of one.
std::string medium_build_of(const Fd& device) {
  const auto mark = read_bytes(device, contract::medium_mark_offset, contract::medium_mark_size);
  const auto identifier = read_bytes(device, contract::volume_descriptor_offset, 6);
  if (!mark || identifier != "\1CD001") return {};
  return contract::parse_medium_mark(*mark).value_or("");
}

/// A partition that the kernel made no device for is looked at through a read-only one of our own; what the person
/// types makes the kernel's.
void look_inside_unnamed(const Fd& device, const Disk& disk, Partition& partition) {
  const std::string number = std::to_string(partition.number);
  const std::string own = partition_device(disk.path, partition.number);
  const auto look = LookDevice::make("lifeboat-look-" + std::to_string(::getpid()) + "-" + disk.name + "-" + number,
                                     {linear_target(partition.size, {disk.path, partition.start})});
  std::string& command = partition.content.next_command;
  if (look) look_inside(device, partition.start, look->path(), partition.content);  // else its superblock said it all
  if (const FileSystemKind* kind = find_file_system_kind(partition.content.type)) command = next_command(*kind, own);
  if (command.empty()) return;
  const bool seen = disk.table != "gpt" || read_mbr(read_bytes(device, 0, 512).value_or("")).protects;
  command = seen ? "partx --add --nr " + number + " " + disk.path + " && " + command
                 : "losetup --find --show --read-only --offset " + std::to_string(partition.start) + " --sizelimit " +
                       std::to_string(partition.size) + " " + disk.path;
}

}  // namespace

std::string partition_device(const std::string& disk, std::uint32_t number) {
  const bool digit = !disk.empty() && disk.back() >= '0' && disk.back() <= '9';
  return disk + (digit ? "p" : "") + std::to_string(number);
}

bool is_empty_drive(const Fd& device) {
  const int status = ::ioctl(device.get(), CDROM_DRIVE_STATUS, CDSL_CURRENT);
  return status == CDS_NO_DISC || status == CDS_TRAY_OPEN;
}

std::vector<Piece> read_disk(Disk& disk, const std::string& device_root) {
  const auto device = open_file(disk.path, O_RDONLY | O_NONBLOCK);
  if (device && is_empty_drive(*device)) {
    disk.size = 0;
    return {};
  }
  const Status table = device ? probe_table(*device, disk) : Status(device.failure());
  if (!table) {
    disk.problem = table.error();
    return {};
  }
  check_tables(*device, disk);
  std::sort(disk.partitions.begin(), disk.partitions.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  probe_contents(*device, disk);
  check_emptiness(*device, disk);
  disk.medium_build = medium_build_of(*device);
  return read_pieces(*device, disk, device_root);
}

void look_inside_disk(Disk& disk, const std::string& device_root) {
  const auto device = open_file(disk.path, O_RDONLY | O_NONBLOCK);
  if (!device) return;  // read_disk() has said so
  if (disk.table.empty()) look_inside(*device, 0, disk.path, disk.content);
  for (Partition& partition : disk.partitions)
    if (partition.name.empty())
      look_inside_unnamed(*device, disk, partition);
    else
      look_inside(*device, partition.start, device_root + "/" + partition.name, partition.content);
}

}  // namespace lifeboat::init
