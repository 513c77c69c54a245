#include "init/disk/clones.hpp"

#include <algorithm>
#include <map>

#include "init/disk/fstab_devices.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t most_clones = 256;

/// Everybody who bears an id, in the report's order.
class Bearers {
 public:
  void add(const std::string& kind, const std::string& id, const std::string& device, const std::string& disk) {
    if (id.empty()) return;
    const auto [row, is_new] = rows_.try_emplace(kind + "\n" + id, clones_.size());
    if (is_new) clones_.push_back({{kind, id, {}}, {}});
    clones_[row->second].clone.devices.push_back(device);
    clones_[row->second].disks.push_back(disk);
  }

  struct Row {
    Clone clone;
    std::vector<std::string> disks;  ///< of each device
  };
  const std::vector<Row>& rows() const { return clones_; }

 private:
  std::map<std::string, std::size_t> rows_;
  std::vector<Row> clones_;
};

void add_content(const Content& content, const std::string& device, const std::string& disk, Bearers& bearers) {
  if (content.usage == "raid") return;  // members share the array's id; who bears one member twice is noted already
  const bool several = content.devices > 1;
  bearers.add("file system UUID", content.uuid + (several ? " device " + std::to_string(content.device_number) : ""),
              device, disk);
  if (!several) bearers.add("label", content.label, device, disk);
}

/// A whole disk that is a RAID's member bears the table of the array, as all members do.
void add_disk(const Disk& disk, Bearers& bearers) {
  add_content(disk.content, disk.path, disk.name, bearers);
  if (disk.content.usage == "raid") return;
  bearers.add("disk id", disk.table_id, disk.path, disk.name);
  for (const Partition& partition : disk.partitions) {
    const std::string path = partition_path(disk, partition);
    bearers.add("partition UUID", partition.uuid, path, disk.name);
    add_content(partition.content, path, disk.name, bearers);
  }
}

void add_layers(const DiskReport& report, Bearers& bearers) {
  for (const FstabDevice& device : fstab_devices(report))
    if (device.disk == nullptr)
      add_content(*device.content, device.path, device.disks.empty() ? "" : device.disks[0], bearers);
  for (const VolumeGroup& group : report.groups) bearers.add("volume group name", group.name, group.uuid, "");
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

/// Who shares an id with whom, by the names of disks.
using Sharers = std::map<std::string, std::vector<std::string>>;

void note_sharers(const std::vector<std::string>& disks, Sharers& sharers) {
  for (const std::string& disk : disks)
    for (const std::string& other : disks)
      if (other != disk) add_once(sharers[disk], other);
}

std::vector<std::string> disks_of(const DiskReport& report, const Clone& clone) {
  std::vector<std::string> disks;
  for (const std::string& device : clone.devices)
    for (const std::string& disk : disks_below(report, device)) add_once(disks, disk);
  return disks;
}

}  // namespace

void note_clones(DiskReport& report) {
  Sharers sharers;
  for (const Clone& clone : report.clones) note_sharers(disks_of(report, clone), sharers);  // members, physical volumes
  Bearers bearers;
  for (const Disk& disk : report.disks) add_disk(disk, bearers);
  add_layers(report, bearers);
  for (const Bearers::Row& row : bearers.rows()) {
    if (row.clone.devices.size() < 2 || report.clones.size() >= most_clones) continue;
    report.clones.push_back(row.clone);
    if (row.clone.kind != "label" && row.clone.kind != "volume group name") note_sharers(row.disks, sharers);
  }
  for (Disk& disk : report.disks)
    if (const auto others = sharers.find(disk.name); others != sharers.end())
      disk.care.push_back("it has the " + std::string(others->second.size() == 1 ? "id" : "ids") + " of " +
                          joined(others->second) + ", as a clone has: go by device names, not by UUID or label");
}

}  // namespace lifeboat::init
