#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

/// Whatever of a report an fstab may mean, in one list.
struct FstabDevice {
  std::string path;                ///< of what is not open, by what it will be reached; empty: the kernel has none
  std::vector<std::string> disks;  ///< the names of the disks that it lies on
  const Content* content = nullptr;
  const Partition* partition = nullptr;
  const Disk* disk = nullptr;    ///< of a whole disk or a partition
  const Array* array = nullptr;  ///< where it is one
  std::string group, volume;     ///< of a logical volume
  std::string mapped;            ///< its name below /dev/mapper; empty: none
  std::string trouble;           ///< "not all devices that it lies on are there"; empty: none
};

/// "/dev/vda1"; empty: the kernel has no device for it.
std::string partition_path(const Disk& disk, const Partition& partition);

/// Points into the report.
std::vector<FstabDevice> fstab_devices(const DiskReport& report);

/// The names of the disks that "/dev/vda1", "/dev/md127" or "/dev/mapper/rescue-vda2" lies on.
std::vector<std::string> disks_below(const DiskReport& report, std::string_view device);

/// The names of the disks that all of these lie on, each once.
std::vector<std::string> disks_below(const DiskReport& report, const std::vector<Member>& members);

/// "vg--data-root" of the group "vg-data": the device mapper doubles dashes.
std::string mapped_name(std::string_view group, std::string_view volume);

}  // namespace lifeboat::init
