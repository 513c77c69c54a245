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
