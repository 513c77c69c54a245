#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "init/disk/disk_report.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Every whole disk of the kernel by position, with what sysfs knows: name, size, bus, model, serial, flags, and the
/// partitions the kernel made devices for. Not: loop, ram, zram, device mapper, md, floppy, hidden multipath legs.
Result<std::vector<Disk>> list_disks(const std::string& sysfs_root, const std::string& device_root);

/// "" where there is none. `folder`: "/sys/block/vda"; `name` may have folders before it.
std::string sysfs_attribute(const std::string& folder, std::string_view name);

/// Whether the sysfs device path `left` comes before `right`: PCI addresses as they are, all other numbers by value.
bool position_before(std::string_view left, std::string_view right);

/// "virtio", "nvme", "scsi" ... from a sysfs device path.
std::string bus_of(std::string_view position);

}  // namespace lifeboat::init
