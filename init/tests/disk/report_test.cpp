#include <nlohmann/json.hpp>

#include "init/disk/disk_json.hpp"
#include "init/disk/disk_report.hpp"
#include "init/tests/disk/machine.hpp"
#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

using test::mib;

Partition part(std::uint32_t number, const std::string& name, std::uint64_t size, const std::string& type_name) {
  Partition made;
  made.number = number;
  made.name = name;
  made.size = size;
  made.type = "0fc63daf-8483-4772-8e79-3d69d8477de4";
  made.type_name = type_name;
  return made;
}

DiskReport usual_report() {
  Disk original;
  original.name = "vda";
  original.path = "/dev/vda";
  original.size = 20480 * mib;
  original.bus = "virtio";
  original.serial = "1d2a3b4c-5d6e-7f80-9";
  original.table = "gpt";
  original.table_id = "5e8d1c0a-9b7f-4e35-8b0e-1f2d3c4b5a69";
  original.role = DiskRole::original;
  original.role_reason = "the only disk with an operating system";
  original.partitions = {part(1, "vda1", mib, "BIOS boot"), part(2, "vda2", 20477 * mib, "Linux"),
                         part(3, "", mib, "")};
  Content& root = original.partitions[1].content;
  root = {"ext4",     "filesystem", "root", "ec83e373-20e0-4e5d-bcd3-8f491aa1e88a", 20000 * mib,
          3174 * mib, {},           {},     "mount -o ro,noload /dev/vda2 /mnt"};
  root.system =
      OperatingSystem{"linux", "Debian GNU/Linux 11 (bullseye)", 3, "UUID=ec83e373-20e0-4e5d-bcd3-8f491aa1e88a"};
  root.care = {"its journal is not replayed: it was not unmounted cleanly"};
  original.partitions[2].type = "0x7f";
  original.partitions[2].content.care = {"the kernel has made no device for it"};

  Disk drive;
  drive.name = "sr0";
  drive.size = 376832;
  drive.bus = "ata";
  drive.model = "QEMU DVD-ROM";
  drive.optical = drive.read_only = true;
  drive.role = DiskRole::config_drive;
  drive.content = {"iso9660", "filesystem", "config-2", "", 0, 0, {}, {}, "mount -o ro /dev/sr0 /mnt"};

  Disk dead;
  dead.name = "vdb";
  dead.size = 100ULL * 1024 * 1024 * mib;
  dead.problem = "reading /dev/vdb: no answer within 10 seconds";

  DiskReport report;
  report.disks = {original, drive, dead};
  report.original = "vda";
  report.confidence = Confidence::likely;
  report.reason = original.role_reason;
  return report;
}

TEST_CASE("the report reads well on a console of 80 columns") {
  CHECK(to_text(usual_report()) ==
        "Disks\n"
        "  vda       20.0 GiB  ORIGINAL DISK, likely: the only disk with an operating\n"
        "                      system\n"
        "                      virtio, serial 1d2a3b4c-5d6e-7f80-9\n"
        "                      GPT 5e8d1c0a-9b7f-4e35-8b0e-1f2d3c4b5a69\n"
        "    vda1     1.0 MiB  BIOS boot\n"
        "    vda2    20.0 GiB  ext4 \"root\", 3.1 GiB used: Debian GNU/Linux 11 (bullseye)\n"
        "                      fstab: 3 entries, / is\n"
        "                      UUID=ec83e373-20e0-4e5d-bcd3-8f491aa1e88a\n"
        "                      ! its journal is not replayed: it was not unmounted\n"
        "                        cleanly\n"
        "                      next: mount -o ro,noload /dev/vda2 /mnt\n"
        "    (3)      1.0 MiB  type 0x7f\n"
        "                      ! the kernel has made no device for it\n"
        "  sr0      368.0 KiB  config drive\n"
        "                      ata, QEMU DVD-ROM\n"
        "                      ISO 9660 \"config-2\"\n"
        "                      next: mount -o ro /dev/sr0 /mnt\n"
        "  vdb      100.0 TiB  another disk\n"
        "                      ! reading /dev/vdb: no answer within 10 seconds\n");
}

TEST_CASE("without an original disk the report says why") {
  DiskReport report;
  report.reason = "the kernel knows no disk";
  report.problems = {"opening /sys/block: No such file or directory"};
  CHECK(to_text(report) ==
        "Disks\n"
        "  No original disk was found: the kernel knows no disk.\n"
        "  ! opening /sys/block: No such file or directory\n");
}

TEST_CASE("no line is longer than the console, except for one word or a command") {
  DiskReport report = usual_report();
  report.disks[0].partitions[1].content.label = std::string(100, 'x');
  for (int width : {1, 20, 40, 80, 200}) {
    const std::string text = to_text(report, width);
    CHECK(text.find("mount -o ro,noload /dev/vda2 /mnt\n") != text.npos);
    CHECK(text.find(std::string(100, 'x')) != text.npos);
  }
}

TEST_CASE("a disk goes through JSON and back without a loss") {
  for (const Disk& disk : usual_report().disks) {
    const auto back = disk_from_json(disk_to_json(disk));
    REQUIRE(back);
    CHECK(*back == disk);
  }
  CHECK_FALSE(disk_from_json(""));
  CHECK_FALSE(disk_from_json("{\"name\": \"vda\"}"));
  const std::string text = disk_to_json(usual_report().disks[0]);
  CHECK_FALSE(disk_from_json(text.substr(0, text.size() / 2)));
}

TEST_CASE("the JSON report names the original, how sure it is, and every disk") {
  const auto json = nlohmann::json::parse(to_json(usual_report()));
  CHECK(json["original"] == "vda");
  CHECK(json["confidence"] == "likely");
  CHECK(json["disks"].size() == 3);
  CHECK(json["disks"][0]["role"] == "original");
  CHECK(json["disks"][0]["partitions"][1]["content"]["system"]["name"] == "Debian GNU/Linux 11 (bullseye)");
  CHECK(json["disks"][0]["partitions"][0]["content"]["system"].is_null());
  CHECK(json["problems"].empty());
  CHECK(nlohmann::json::parse(to_json(DiskReport{}))["original"].is_null());
}

}  // namespace
}  // namespace lifeboat::init
