// What lies on what, as the steps that `rescue mount` will do.
#include "init/rescue/open_plan.hpp"

#include "init/rescue/find_place.hpp"
#include "init/rescue/layers.hpp"
#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

Content content(const std::string& type, const std::string& usage, const std::string& system = "") {
  Content made;
  made.type = type;
  made.usage = usage;
  if (!system.empty()) {
    made.system = OperatingSystem{};
    made.system->kind = "linux";
    made.system->name = system;
  }
  return made;
}

Content root(const std::string& name = "Debian") { return content("ext4", "filesystem", name); }

Partition partition(std::uint32_t number, const std::string& name, Content holds) {
  Partition made;
  made.number = number;
  made.name = name;
  made.content = std::move(holds);
  return made;
}

Disk disk(const std::string& name, std::vector<Partition> partitions) {
  Disk made;
  made.name = name;
  made.path = "/dev/" + name;
  made.partitions = std::move(partitions);
  return made;
}

LogicalVolume volume(const std::string& name, Content holds) {
  LogicalVolume made;
  made.name = name;
  made.uuid = "lv-" + name;
  made.kind = "linear";
  made.content = std::move(holds);
  return made;
}

VolumeGroup group(const std::string& name, const std::string& uuid, const std::string& device,
                  std::vector<LogicalVolume> volumes) {
  VolumeGroup made;
  made.name = name;
  made.uuid = uuid;
  made.physical_volumes.push_back({device, "pv", "active", -1});
  made.volumes = std::move(volumes);
  return made;
}

const Content pv = content("LVM2_member", "raid"), member = content("linux_raid_member", "raid"),
              luks = content("crypto_LUKS", "crypto"), swap_area = content("swap", "other");

/// One disk, a group on its second partition, with a root and a home.
DiskReport machine_with_lvm() {
  DiskReport report;
  report.disks = {disk("vda", {partition(1, "vda1", content("vfat", "filesystem")), partition(2, "vda2", pv)})};
  report.groups = {
      group("my-vg", "G1", "/dev/vda2",
            {volume("root", root()), volume("home", content("ext4", "filesystem")), volume("swap", swap_area)})};
  report.original = "vda";
  report.confidence = Confidence::certain;
  return report;
}

/// Two disks with a RAID 1 of which the second member is missing, on it a root.
DiskReport machine_with_raid() {
  DiskReport report;
  report.disks = {disk("vda", {partition(1, "vda1", member)})};
  Array array;
  array.uuid = "0:1:2:3";
  array.name = "server:0";
  array.metadata = "1.2";
  array.level = "raid1";
  array.slots = 2;
  array.state = "degraded";
  array.members = {{"/dev/vda1", "m0", "active", 0}, {"", "", "missing", 1}};
  array.content = root();
  report.arrays = {array};
  report.original = "vda";
  report.confidence = Confidence::certain;
  return report;
}

OpenPlan planned(const DiskReport& report, const std::string& word = "") {
  const auto place = find_place(report, word);
  if (!place) FAIL(place.error());
  auto plan = plan_opening(report, *place);
  if (!plan) FAIL(plan.error());
  return *plan;
}

TEST_CASE("a root on a partition needs no step") {
  DiskReport report;
  report.disks = {disk("vda", {partition(1, "vda1", root())})};
  report.original = "vda";
  report.confidence = Confidence::certain;
  CHECK(planned(report) == OpenPlan{{}, "/dev/vda1", false, {"/dev/vda1"}});
}

TEST_CASE("a partition that Linux made no device for is made first, and is known by the name that it will have") {
  Partition unnamed = partition(2, "", root());
  unnamed.start = 1 << 20;
  unnamed.size = 8 << 20;
  DiskReport report;
  report.disks = {disk("nvme0n1", {unnamed})};
  report.original = "nvme0n1";
  report.confidence = Confidence::certain;
  const OpenStep made{.kind = "partition",
                      .name = "/dev/nvme0n1p2",
                      .path = "/dev/nvme0n1p2",
                      .devices = {"/dev/nvme0n1"},
                      .id = "2",
                      .start = 1 << 20,
                      .size = 8 << 20};
  for (const char* word : {"", "nvme0n1", "/dev/nvme0n1p2"}) {
    CAPTURE(word);
    CHECK(planned(report, word) == OpenPlan{{made}, "/dev/nvme0n1p2", false, {"/dev/nvme0n1p2"}});
  }
}

TEST_CASE("a root in LVM needs its volume alone, of its group's physical volumes, and dashes in names are doubled") {
  CHECK(planned(machine_with_lvm()) ==
        OpenPlan{{{"volume", "my-vg/root", "/dev/mapper/my--vg-root", {"/dev/vda2"}, "G1"}},
                 "/dev/mapper/my--vg-root",
                 false,
                 {"/dev/vda2"}});
}

TEST_CASE("a partition, a disk, a group's name and the mapper's path all lead to the volume") {
  const DiskReport report = machine_with_lvm();
  for (const char* word : {"vda", "/dev/vda", "vda2", "/dev/vda2", "my-vg/root", "/dev/my-vg/root",
                           "/dev/mapper/my--vg-root", "mapper/my--vg-root", "G1/lv-root"}) {
    CAPTURE(word);
    CHECK(planned(report, word).device == "/dev/mapper/my--vg-root");
  }
  CHECK(planned(report, "my-vg/home").device == "/dev/mapper/my--vg-home");
  CHECK(planned(report, "vda1").device == "/dev/vda1");
}

TEST_CASE("a volume whose driver writes by itself is opened behind a barrier") {
  DiskReport report = machine_with_lvm();
  for (const char* kind : {"thin", "cache", "raid1", "snapshot"}) {
    report.groups[0].volumes[0].kind = kind;
    CHECK(planned(report).steps[0].barrier);
  }
  report.groups[0].volumes[0].kind = "striped";
  CHECK(!planned(report).steps[0].barrier);
}

TEST_CASE("a volume with a cache is only opened for writing, and one that is open already is not opened") {
  DiskReport report = machine_with_lvm();
  LogicalVolume& cached = report.groups[0].volumes[0];
  cached.cached = true;
  const RootPlace place{"/dev/mapper/my--vg-root", "volume", "G1/lv-root"};
  const auto plan = plan_opening(report, place);
  REQUIRE(plan);
  CHECK(plan->needs_writing == std::string("the logical volume my-vg/root: ") + cached_words);
  cached.path = "/dev/mapper/my--vg-root";
  CHECK(plan_opening(report, place)->needs_writing.empty());
}

TEST_CASE("LVM sees the group's devices alone, and makes a read-only device of it unless it is asked to write") {
  const auto words = volume_words({"/dev/vda2", "/dev/vdb1"}, "vg", VolumeMode::read_only);
  REQUIRE(words.size() == 6);
  CHECK(words[0] == "--config");
  CHECK(words[1].find("read_only_volume_list=[\"vg\"]") != std::string::npos);
  CHECK(std::vector<std::string>(words.begin() + 2, words.end()) ==
        std::vector<std::string>{"--devices", "/dev/vda2", "--devices", "/dev/vdb1"});
  for (const VolumeMode mode : {VolumeMode::writable, VolumeMode::behind_barrier})
    CHECK(volume_words({"/dev/vda2"}, "vg", mode)[1].find("read_only_volume_list") == std::string::npos);
}

TEST_CASE("a degraded array is assembled of the members that are there, and the plan says that it is degraded") {
  CHECK(planned(machine_with_raid()) ==
        OpenPlan{
            {{"array", "/dev/md90", "/dev/md90", {"/dev/vda1"}, "0:1:2:3", true}}, "/dev/md90", false, {"/dev/vda1"}});
}

TEST_CASE("members that are out of date, being rebuilt or spare are left out of an array") {
  DiskReport report = machine_with_raid();
  report.arrays[0].members[1] = {"/dev/vdb1", "m1", "out of date", 1};
  report.arrays[0].members.push_back({"/dev/vdc1", "m2", "spare", -1});
  report.arrays[0].members.push_back({"/dev/vdd1", "m3", "rebuilding", -1});
  CHECK(planned(report, "0:1:2:3").steps[0].devices == std::vector<std::string>{"/dev/vda1"});
}

TEST_CASE("an array that misses too many members is refused") {
  DiskReport report = machine_with_raid();
  report.arrays[0].state = "incomplete";
  const auto plan = plan_opening(report, {"", "array", "0:1:2:3"});
  REQUIRE(!plan);
  CHECK(plan.error().starts_with("the RAID server:0 misses too many members: it cannot be read\nhint: "));
}

TEST_CASE("LVM on an array that does not run opens from the bottom up") {
  DiskReport report = machine_with_raid();
  report.arrays[0].content = pv;
  report.groups = {group("vg", "G1", "raid:0:1:2:3", {volume("root", root())})};
  const OpenPlan plan = planned(report);
  REQUIRE(plan.steps.size() == 2);
  CHECK(plan.steps[0].name == "/dev/md90");
  CHECK(plan.steps[1] == OpenStep{"volume", "vg/root", "/dev/mapper/vg-root", {"/dev/md90"}, "G1"});
  CHECK(plan.bottom == std::vector<std::string>{"/dev/vda1"});
}

TEST_CASE("what runs already is not opened again, and what it lies on is known all the same") {
  DiskReport report = machine_with_raid();
  report.arrays[0].path = "/dev/md127";
  CHECK(planned(report) == OpenPlan{{}, "/dev/md127", false, {"/dev/vda1"}});
  CHECK(devices_below(report, "/dev/md127") == std::vector<std::string>{"/dev/vda1"});
}

TEST_CASE("an encrypted partition is opened, and looked at again") {
  DiskReport report;
  report.disks = {disk("vda", {partition(1, "vda1", content("ext4", "filesystem")), partition(2, "vda2", luks)})};
  report.original = "vda";
  report.confidence = Confidence::certain;
  CHECK(planned(report) == OpenPlan{{{"luks", "rescue-vda2", "/dev/mapper/rescue-vda2", {"/dev/vda2"}}},
                                    "/dev/mapper/rescue-vda2",
                                    true,
                                    {"/dev/vda2"}});
}

TEST_CASE("what lies in an opened device is found behind it") {
  DiskReport report;
  report.disks = {disk("vda", {partition(1, "vda1", luks)})};
  report.opened = {{"rescue-vda1", "/dev/mapper/rescue-vda1", "/dev/vda1", 1 << 20, pv}};
  report.groups = {group("vg", "G1", "/dev/mapper/rescue-vda1", {volume("root", root())})};
  const auto place = narrow_place(report, {"/dev/mapper/rescue-vda1", "opened", ""});
  REQUIRE(place);
  CHECK(*place == RootPlace{"/dev/mapper/vg-root", "volume", "G1/lv-root"});
  const auto plan = plan_opening(report, *place);
  REQUIRE(plan);
  CHECK(plan->steps[0].devices == std::vector<std::string>{"/dev/mapper/rescue-vda1"});
  CHECK(plan->bottom == std::vector<std::string>{"/dev/vda1"});
}

TEST_CASE("where the choice is not sure, the systems are listed instead of guessed at") {
  DiskReport report;
  report.disks = {disk("vda", {partition(1, "vda1", root("Debian 11"))}),
                  disk("vdb", {partition(1, "vdb1", root("Ubuntu 22"))})};
  report.original = "vda";
  report.reason = "two disks have a system.";
  report.confidence = Confidence::unsure;
  const auto place = find_place(report, "");
  REQUIRE(!place);
  CHECK(place.error() ==
        "it is not sure which system is the original: two disks have a system.\n"
        "hint: say which one:\n"
        "  rescue mount /dev/vda1   # ext4, Debian 11\n"
        "  rescue mount /dev/vdb1   # ext4, Ubuntu 22");
  CHECK(planned(report, "vdb").device == "/dev/vdb1");
}

TEST_CASE("of two groups with one name the words name the UUIDs") {
  DiskReport report = machine_with_lvm();
  report.disks.push_back(disk("vdb", {partition(1, "vdb1", pv)}));
  report.groups.push_back(group("my-vg", "G2", "/dev/vdb1", {volume("root", root())}));
  report.groups[1].volumes[0].uuid = "lv-root2";
  const auto place = find_place(report, "my-vg/root");
  REQUIRE(!place);
  CHECK(place.error().find("rescue mount G2/lv-root2") != std::string::npos);
  CHECK(planned(report, "G2/lv-root2").steps[0].devices == std::vector<std::string>{"/dev/vdb1"});
}

TEST_CASE("metadata that go round in a circle end") {
  DiskReport report;
  report.disks = {disk("vda", {partition(1, "vda1", pv)})};
  report.groups = {group("vg", "G1", "/dev/mapper/vg-root", {volume("root", root())})};
  report.groups[0].volumes[0].path = "/dev/mapper/vg-root";
  CHECK(!plan_opening(report, {"/dev/mapper/vg-root", "volume", "G1/lv-root"}));
}

TEST_CASE("a word that nothing bears is said") {
  const auto place = find_place(machine_with_lvm(), "vdz9");
  REQUIRE(!place);
  CHECK(place.error() == "this machine has no vdz9 that could be mounted\nhint: `rescue disks` lists what there is");
}

TEST_CASE("errors and hibernation speak against writing") {
  Content holds = root();
  CHECK(why_not_write(holds).empty());
  holds.care = {"its journal is not replayed: it was not unmounted cleanly"};
  CHECK(why_not_write(holds).empty());
  holds.care.emplace_back("the kernel has found errors in it (2 of them)");
  CHECK(why_not_write(holds) == "the kernel has found errors in it (2 of them)");
}

TEST_CASE("an array is assembled read-only, of its devices alone, and without a configuration file") {
  const OpenStep step{"array", "/dev/md90", "/dev/md90", {"/dev/vda1"}, "0:1:2:3", true};
  CHECK(assemble_words(step, false) == std::vector<std::string>{"--assemble", "/dev/md90", "--readonly", "--run",
                                                                "--config=none", "--uuid=0:1:2:3", "/dev/vda1"});
  CHECK(assemble_words(step, true)[2] == "--run");
}

/// The words of a refusal.
std::string refused(const DiskReport& report) {
  const auto place = find_place(report, "");
  if (!place) return place.error();
  const auto plan = plan_opening(report, *place);
  return plan ? "" : plan.error();
}

TEST_CASE("of clones that nothing tells apart none is opened: the refusal names a device of each") {
  DiskReport lvm = machine_with_lvm();
  lvm.groups[0].rivals = {"/dev/vda2", "/dev/vdb2"};
  CHECK(refused(lvm) ==
        "the volume group my-vg is there more than once: nothing tells which is the original's\n"
        "hint: name the one that is meant:\n  rescue mount /dev/vda2\n  rescue mount /dev/vdb2");
  DiskReport raid = machine_with_raid();
  raid.arrays[0].rivals = {"/dev/vda1", "/dev/vdb1"};
  CHECK(refused(raid).find("the RAID server:0 is there more than once") == 0);
}

TEST_CASE("a mirror is read without the member that may be a clone's, and the plan says why it is only read") {
  DiskReport report = machine_with_raid();
  report.arrays[0].state = "whole";
  report.arrays[0].members[1] = {"/dev/vdb1", "m1", "in doubt", 1};
  report.arrays[0].doubt = "nothing tells whose /dev/vdb1 is";
  const OpenPlan plan = planned(report);
  REQUIRE(plan.steps.size() == 1);
  CHECK(plan.steps[0].devices == std::vector<std::string>{"/dev/vda1"});
  CHECK(plan.steps[0].degraded);
  CHECK(plan.doubt == "nothing tells whose /dev/vdb1 is");
  report.arrays[0].state = "incomplete";
  CHECK(refused(report) ==
        "the RAID server:0 is not put together: nothing tells whose /dev/vdb1 is\n"
        "hint: name all that belong together: rescue mount DEVICE DEVICE");
}

}  // namespace
}  // namespace lifeboat::init
