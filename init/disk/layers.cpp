#include "init/disk/layers.hpp"

#include <algorithm>

namespace lifeboat::init {

DiskOrder disk_order(const std::vector<Disk>& disks, const std::string& own_disk) {
  DiskOrder order;
  for (const Disk& disk : disks) order.push_back(disk.name);
  std::stable_partition(order.begin(), order.end(), [&](const std::string& name) { return name != own_disk; });
  return order;
}

void assemble_layers(Layers& layers, const DiskOrder& order, DiskReport& report) {
  layers.arrays = assemble_arrays(layers.pieces, order);
  layers.groups = assemble_groups(layers.pieces, order);
  for (const RaidSet& set : layers.arrays) {
    report.arrays.push_back(set.array);
    report.clones.insert(report.clones.end(), set.clones.begin(), set.clones.end());
  }
  for (Array& container : list_containers(layers.pieces)) report.arrays.push_back(std::move(container));
  for (const VolumeSet& set : layers.groups) {
    report.groups.push_back(set.group);
    report.clones.insert(report.clones.end(), set.clones.begin(), set.clones.end());
  }
}

}  // namespace lifeboat::init
