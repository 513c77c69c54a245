// The original where its operating system lies in layers, and what is noted of clones: reports made by hand.
#include "init/disk/roles.hpp"
#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

Content content(const std::string& type, const std::string& usage, const std::string& uuid = "") {
  Content made;
  made.type = type;
  made.usage = usage;
  made.uuid = uuid;
  made.size = usage == "filesystem" ? 1 << 20 : 0;
  return made;
}

Content debian(const std::string& uuid, const std::string& fstab_root) {
  Content made = content("ext4", "filesystem", uuid);
  made.system = OperatingSystem{"linux", "Debian GNU/Linux 11 (bullseye)", 1, fstab_root};
  return made;
}

Disk whole_disk(const std::string& name, const Content& whole) {
  Disk made;
  made.name = name;
  made.path = "/dev/" + name;
  made.size = 1 << 30;
  made.content = whole;
  return made;
}

/// A RAID 1 of vda and vdb, and an empty vdc.
DiskReport raid_report(const Content& inside) {
  DiskReport report;
  for (const char* name : {"vda", "vdb"})
    report.disks.push_back(whole_disk(name, content("linux_raid_member", "raid", "the array's")));
  report.disks.push_back(whole_disk("vdc", {}));
  Array array;
  array.uuid = "11:22:33:44";
  array.name = "server:0";
  array.slots = 2;
  array.members = {{"/dev/vda", "", "active", 0}, {"/dev/vdb", "", "active", 1}};
  array.content = inside;
  report.arrays = {array};
  return report;
}

/// A group on vda with an old root and the root that its own fstab names.
DiskReport volume_report() {
  DiskReport report;
  report.disks = {whole_disk("vda", content("LVM2_member", "raid")), whole_disk("vdb", {})};
  VolumeGroup group;
  group.name = "vg";
  group.uuid = "group-uuid";
  group.physical_volumes = {{"/dev/vda", "", "active", -1}};
  group.volumes = {{"old", "old-uuid", "linear", 1, "", true, debian("1", "/dev/vg/root")},
                   {"root", "root-uuid", "linear", 1, "", true, debian("2", "/dev/vg/root")}};
  report.groups = {group};
  return report;
}

TEST_CASE("of the disks of a RAID with an operating system the first is the original, and its other part says so") {
  DiskReport report = raid_report(debian("1", "UUID=1"));
  choose_original(report, {});
  CHECK(report.original == "vda");
  CHECK(report.confidence == Confidence::certain);
  CHECK(report.reason == "the operating system is on vda and vdb, in the RAID server:0; vda is plugged in first");
  CHECK(report.disks[1].role_reason == "it belongs to the original: one RAID or volume group lies on both");
  REQUIRE(report.root);
  CHECK(report.root->kind == "array");
  CHECK(report.root->id == "11:22:33:44");
  for (const Disk& one : report.disks) CHECK(one.care.empty());  // members share an id, and are no clones
  CHECK(report.clones.empty());
}

TEST_CASE("a RAID that nobody looked into points at its disks as one") {
  Content unseen = content("ext4", "filesystem");
  unseen.size = 0;
  DiskReport report = raid_report(unseen);
  choose_original(report, {});
  CHECK(report.original == "vda");
  CHECK(report.confidence == Confidence::likely);
  CHECK(report.reason ==
        "it is part of a RAID, and an operating system may be inside; of vda and vdb, which belong together, it is "
        "plugged in first");
  CHECK_FALSE(report.root);
}

TEST_CASE("a RAID that was looked into and holds no operating system hides none") {
  DiskReport report = raid_report(content("ext4", "filesystem"));
  report.disks[2].content = debian("9", "UUID=9");
  choose_original(report, {});
  CHECK(report.original == "vdc");
  CHECK(report.confidence == Confidence::certain);
}

TEST_CASE("a volume's operating system makes its disk the original, and the root is the one that its fstab names") {
  DiskReport report = volume_report();
  choose_original(report, {});
  CHECK(report.original == "vda");
  CHECK(report.confidence == Confidence::certain);
  CHECK(report.reason == "the only disk with an operating system, in the volume vg/root");
  REQUIRE(report.root);
  CHECK(*report.root == RootPlace{"/dev/mapper/vg-root", "volume", "group-uuid/root-uuid"});
}

TEST_CASE("a group on a RAID makes the RAID's disks the original") {
  DiskReport report = raid_report(content("LVM2_member", "raid"));
  report.groups = volume_report().groups;
  report.groups[0].physical_volumes[0].device = "raid:11:22:33:44";
  choose_original(report, {});
  CHECK(report.original == "vda");
  CHECK(report.root->id == "group-uuid/root-uuid");
  CHECK(report.reason == "the operating system is on vda and vdb, in the volume vg/root; vda is plugged in first");
}

TEST_CASE("an operating system in an opened device makes the disk below it the original") {
  DiskReport report;
  report.disks = {whole_disk("vda", {}), whole_disk("vdb", content("crypto_LUKS", "crypto"))};
  report.opened = {{"rescue-vdb", "/dev/mapper/rescue-vdb", "/dev/vdb", 1, debian("1", "/dev/mapper/root")}};
  choose_original(report, {});
  CHECK(report.original == "vdb");
  CHECK(report.confidence == Confidence::certain);
  CHECK(*report.root == RootPlace{"/dev/mapper/rescue-vdb", "opened", ""});
}

TEST_CASE("two operating systems that do not belong together stay unsure, both are named") {
  DiskReport report = raid_report(debian("1", "UUID=1"));
  report.disks[2].content = debian("9", "UUID=9");
  choose_original(report, {});
  CHECK(report.original == "vda");
  CHECK(report.confidence == Confidence::unsure);
  CHECK(report.reason == "vda and vdc both hold an operating system; this one is plugged in first");
}

TEST_CASE("of clones every id is noted, and each disk has one line of care about all of them") {
  DiskReport report;
  for (const char* name : {"vda", "vdb", "vdc"}) {
    Disk one = whole_disk(name, {});
    one.table = "gpt";
    one.table_id = "table";
    Partition part;
    part.name = name + std::string("1");
    part.uuid = "part";
    part.content = content("ext4", "filesystem", "fs");
    part.content.label = "root";
    one.partitions = {part};
    report.disks.push_back(one);
  }
  report.disks[2].table_id = "another";
  report.disks[2].partitions[0].uuid = "other";
  report.disks[2].partitions[0].content.uuid = "new";  // it shares a label alone
  choose_original(report, {});
  const std::vector<Clone> expected = {{"disk id", "table", {"/dev/vda", "/dev/vdb"}},
                                       {"partition UUID", "part", {"/dev/vda1", "/dev/vdb1"}},
                                       {"file system UUID", "fs", {"/dev/vda1", "/dev/vdb1"}},
                                       {"label", "root", {"/dev/vda1", "/dev/vdb1", "/dev/vdc1"}}};
  CHECK(report.clones == expected);
  CHECK(report.disks[0].care == std::vector<std::string>{"it has the id of vdb, as a clone has: go by device names, "
                                                         "not by UUID or label"});
  CHECK(report.disks[2].care.empty());
}

TEST_CASE("the devices of one btrfs are no clones of each other, a copy of one is") {
  DiskReport report;
  for (const std::uint64_t number : {1U, 2U, 2U}) {
    Content one = content("btrfs", "filesystem", "fs");
    one.devices = 2;
    one.device_number = number;
    report.disks.push_back(whole_disk("vd" + std::string(1, static_cast<char>('a' + report.disks.size())), one));
  }
  choose_original(report, {});
  REQUIRE(report.clones.size() == 1);
  CHECK(report.clones[0].devices == std::vector<std::string>{"/dev/vdb", "/dev/vdc"});
}

}  // namespace
}  // namespace lifeboat::init
