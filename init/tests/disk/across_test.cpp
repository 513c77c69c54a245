#include "init/disk/across.hpp"

#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

using Lines = std::vector<std::string>;

Disk btrfs_disk(const std::string& name, std::uint64_t number, std::uint64_t generation) {
  Disk disk;
  disk.name = name;
  disk.path = "/dev/" + name;
  disk.content.type = "btrfs";
  disk.content.uuid = "one";
  disk.content.devices = 3;
  disk.content.device_number = number;
  disk.content.generation = generation;
  return disk;
}

TEST_CASE("a btrfs tells how many of its devices are missing, and which is old") {
  DiskReport report;
  report.disks = {btrfs_disk("vda", 1, 12), btrfs_disk("vdb", 2, 12), btrfs_disk("vdc", 3, 12)};
  check_across_disks(report);
  for (const Disk& disk : report.disks) CHECK(disk.content.care.empty());

  report.disks = {btrfs_disk("vda", 1, 12), btrfs_disk("vdb", 2, 9)};
  check_across_disks(report);
  const std::string missing = "1 of its 3 devices is missing: it can be mounted with the option degraded, if at all";
  CHECK(report.disks[0].content.care == Lines{missing});
  CHECK(report.disks[1].content.care ==
        Lines{missing,
              "it is older than another device of the same file system (generation 9, there 12): it was away "
              "for a while, or is an old copy"});
}

TEST_CASE("a clone of a btrfs device is no further device") {
  DiskReport report;
  report.disks = {btrfs_disk("vda", 1, 12), btrfs_disk("vdb", 1, 12)};
  check_across_disks(report);
  CHECK(report.disks[0].content.care ==
        Lines{"2 of its 3 devices are missing: it can be mounted with the option degraded, if at all"});
}

TEST_CASE("a system's kernels and boot loader are found on its separate boot file systems") {
  DiskReport report;
  Disk disk;
  disk.name = "vda";
  disk.path = "/dev/vda";
  for (std::uint32_t number : {1, 2, 3}) {
    Partition partition;
    partition.number = number;
    partition.name = "vda" + std::to_string(number);
    partition.content.type = number == 1 ? "vfat" : "ext4";
    disk.partitions.push_back(partition);
  }
  disk.partitions[0].content.boot = {"EFI/debian"};
  disk.partitions[1].content.boot = {"GRUB 2", "Linux 6.1.0-18-amd64", "Linux 6.1.0-9-amd64"};
  OperatingSystem system;
  system.kind = "linux";
  system.kernels = {"6.1.0-9-amd64"};
  system.fstab = {{"UUID=1", "/boot", "ext4", "defaults", 1, "/dev/vda2", ""},
                  {"UUID=2", "/boot/efi", "vfat", "defaults", 2, "/dev/vda1", ""}};
  disk.partitions[2].content.system = system;
  report.disks = {disk};
  add_boot_places(report);
  const OperatingSystem& found = *report.disks[0].partitions[2].content.system;
  CHECK(found.boot_loader == "GRUB 2");
  CHECK(found.kernels == std::vector<std::string>{"6.1.0-18-amd64", "6.1.0-9-amd64"});
}

TEST_CASE("a Windows tells whether its disk has a boot store") {
  DiskReport report;
  Disk disk;
  disk.name = "sda";
  disk.partitions.resize(2);
  disk.partitions[1].content.system = OperatingSystem{};
  disk.partitions[1].content.system->kind = "windows";
  report.disks = {disk, disk};
  report.disks[1].name = "sdb";
  report.disks[1].partitions[0].content.boot = {"EFI/Microsoft", "Windows Boot Manager"};
  add_boot_places(report);
  CHECK(report.disks[0].partitions[1].content.care ==
        Lines{"no boot store (BCD) of Windows was seen on its disk: it may not start"});
  CHECK(report.disks[1].partitions[1].content.care.empty());
  CHECK(report.disks[1].partitions[1].content.system->boot_loader == "Windows Boot Manager");
}

TEST_CASE("disks of one serial number may be one disk by two paths") {
  DiskReport report;
  for (const char* name : {"sda", "sdb", "sdc"}) {
    Disk disk;
    disk.name = name;
    disk.bus = "fc";
    disk.size = 1 << 30;
    disk.serial = name == std::string("sdc") ? "other" : "600a0b80";
    report.disks.push_back(disk);
  }
  check_across_disks(report);
  CHECK(report.disks[0].care == Lines{"it has the serial number of sdb: perhaps it is one disk, reached by two paths "
                                      "(multipath); work with one of them only"});
  CHECK(report.disks[2].care.empty());
  for (Disk& disk : report.disks) disk.bus = "virtio", disk.care.clear();
  check_across_disks(report);
  CHECK(report.disks[0].care.empty());
}

}  // namespace
}  // namespace lifeboat::init
