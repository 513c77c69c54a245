#include "init/disk/probe.hpp"

#include <blkid/blkid.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "init/disk/partition_types.hpp"
#include "init/disk/printable.hpp"
#include "init/disk/superblock.hpp"

namespace lifeboat::init {
namespace {

constexpr std::uint64_t blkid_sector = 512;  // libblkid's unit for starts and sizes
constexpr int most_partitions = 256;         // GPT's usual table holds 128
constexpr unsigned mbr_active = 0x80;
constexpr unsigned long long gpt_legacy_boot = 4;  // UEFI 2.10, 5.3.3: attribute bit 2

using Probe = std::unique_ptr<blkid_struct_probe, void (*)(blkid_probe)>;

Probe new_probe(const Fd& device, std::uint64_t start, std::uint64_t size) {
  Probe probe(blkid_new_probe(), blkid_free_probe);
  const auto offset = static_cast<blkid_loff_t>(start);
  if (probe && blkid_probe_set_device(probe.get(), device.get(), offset, static_cast<blkid_loff_t>(size)) != 0)
    probe.reset();
  return probe;
}

std::string text_of(const char* value) { return value == nullptr ? "" : printable_trimmed(value); }

std::string value_of(blkid_probe probe, const char* name) {
  const char* value = nullptr;
  return blkid_probe_lookup_value(probe, name, &value, nullptr) == 0 ? text_of(value) : "";
}

Partition& partition_numbered(Disk& disk, std::uint32_t number) {
  const auto same = [number](const Partition& partition) { return partition.number == number; };
  const auto found = std::find_if(disk.partitions.begin(), disk.partitions.end(), same);
  if (found != disk.partitions.end()) return *found;
  Partition added;
  added.number = number;
  return disk.partitions.emplace_back(std::move(added));
}

std::string type_of(blkid_partition row) {
  if (const char* guid = blkid_partition_get_type_string(row)) return text_of(guid);
  char text[8];
  std::snprintf(text, sizeof text, "0x%02x", static_cast<unsigned>(blkid_partition_get_type(row)) & 0xffU);
  return text;
}

void fill_partition(Disk& disk, blkid_partition row) {
  const int number = blkid_partition_get_partno(row);
  if (number <= 0) return;
  Partition& partition = partition_numbered(disk, static_cast<std::uint32_t>(number));
  if (partition.name.empty()) {
    partition.start = static_cast<std::uint64_t>(blkid_partition_get_start(row)) * blkid_sector;
    partition.size = static_cast<std::uint64_t>(blkid_partition_get_size(row)) * blkid_sector;
  }
  partition.type = type_of(row);
  partition.type_name = partition_type_name(partition.type);
  partition.label = text_of(blkid_partition_get_name(row));
  partition.uuid = text_of(blkid_partition_get_uuid(row));
  const unsigned long long flags = blkid_partition_get_flags(row);
  partition.active = disk.table == "gpt" ? (flags & gpt_legacy_boot) != 0 : disk.table == "dos" && flags == mbr_active;
}

bool within(const Fd& device, std::uint64_t start, std::uint64_t size) {
  const blkid_loff_t device_size = blkid_get_dev_size(device.get());
  const std::uint64_t end = device_size < 0 ? 0 : static_cast<std::uint64_t>(device_size);
  return size > 0 && start < end && size <= end - start;
}

}  // namespace

Status probe_table(const Fd& device, Disk& disk) {
  const Probe probe = new_probe(device, 0, 0);
  if (!probe) return failure_from_errno("reading " + disk.path, errno);
  blkid_probe_enable_superblocks(probe.get(), 0);
  blkid_probe_enable_partitions(probe.get(), 1);
  errno = 0;
  const blkid_partlist list = blkid_probe_get_partitions(probe.get());
  if (list == nullptr)
    return errno == 0 || errno == ENOENT ? Status(Done{}) : failure_from_errno("reading " + disk.path, errno);
  const blkid_parttable table = blkid_partlist_get_table(list);
  if (table == nullptr) return Done{};
  disk.table = text_of(blkid_parttable_get_type(table));
  disk.table_id = text_of(blkid_parttable_get_id(table));
  const int rows = std::min(blkid_partlist_numof_partitions(list), most_partitions);
  for (int row = 0; row < rows; ++row)
    if (blkid_partition found = blkid_partlist_get_partition(list, row)) fill_partition(disk, found);
  return Done{};
}

Content probe_content(const Fd& device, std::uint64_t start, std::uint64_t size) {
  Content content;
  if (!within(device, start, size)) {
    content.care.emplace_back("it lies beyond the end of the disk");
    return content;
  }
  const Probe probe = new_probe(device, start, size);
  if (!probe) {
    content.care.emplace_back("it could not be read: " + std::string(std::strerror(errno)));
    return content;
  }
  blkid_probe_enable_superblocks(probe.get(), 1);
  blkid_probe_set_superblocks_flags(probe.get(), BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE | BLKID_SUBLKS_LABEL |
                                                     BLKID_SUBLKS_UUID | BLKID_SUBLKS_VERSION);
  errno = 0;
  const int found = blkid_do_safeprobe(probe.get());
  constexpr int contradictory = -2;
  if (found == contradictory)
    content.care.emplace_back("it carries signatures of several file systems: look with wipefs --no-act");
  if (found == -1)
    content.care.emplace_back("it could not be read: " + std::string(std::strerror(errno == 0 ? EIO : errno)));
  if (found != 0) return content;
  content.type = value_of(probe.get(), "TYPE");
  content.usage = value_of(probe.get(), "USAGE");
  content.label = value_of(probe.get(), "LABEL");
  // Of a DDF container libblkid gives the bytes as they are: pieces.cpp reads them.
  if (content.type != "ddf_raid_member") content.uuid = value_of(probe.get(), "UUID");
  content.version = value_of(probe.get(), "VERSION");
  add_superblock_warnings(device, start, size, content);
  return content;
}

}  // namespace lifeboat::init
