// RAIDs and volume groups by what real tools wrote: init/tests/data/layers, made in a guest with mdadm and LVM.
#include <algorithm>
#include <map>

#include "init/tests/disk/layers_machine.hpp"
#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

using test::discover_golden;
using test::member_words;
using test::mib;

constexpr std::uint64_t kib = 1024;

const Array& only_array(const DiskReport& report) {
  REQUIRE(report.arrays.size() == 1);
  return report.arrays[0];
}

const VolumeGroup& only_group(const DiskReport& report) {
  REQUIRE(report.groups.size() == 1);
  return report.groups[0];
}

struct KnownArray {
  std::vector<std::string> disks;
  std::string metadata, level, uuid, name;  ///< as `mdadm --examine` printed them
  std::uint64_t size;                       ///< as it printed, too; of RAID 0 the sum of its "Avail Dev Size"
};

TEST_CASE("an array is known by its members' superblocks, whatever their format") {
  const auto known = GENERATE(values<KnownArray>({
      {{"raid1-0.90-slot0", "raid1-0.90-slot1"},
       "0.90",
       "raid1",
       "9b2c98cc:dceca996:01f9e43d:ac30fbff",
       "",
       98240 * kib},
      {{"raid5-1.2-slot0", "raid5-1.2-slot1", "raid5-1.2-slot2"},
       "1.2",
       "raid5",
       "76755a6b:903e5599:13f1268f:15225289",
       "server:data",
       202752 * kib},
      {{"raid0-1.1-slot0", "raid0-1.1-slot1"},
       "1.1",
       "raid0",
       "3709199d:b35f07e3:6fb3630c:23ace3f8",
       "server:fast",
       std::uint64_t{208896 + 210944} * 512},
  }));
  const DiskReport report = discover_golden(known.disks);
  const Array& array = only_array(report);
  CHECK(array.metadata == known.metadata);
  CHECK(array.level == known.level);
  CHECK(array.uuid == known.uuid);
  CHECK(array.name == known.name);
  CHECK(array.size == known.size);
  CHECK(array.slots == known.disks.size());
  CHECK(array.state == "whole");
  CHECK(array.care.empty());
  CHECK(array.path.empty());
  CHECK(member_words(array.members).starts_with("0 vda active, 1 vdb active"));
}

TEST_CASE("a member that was thrown out earlier is out of date, and the array degraded") {
  const DiskReport report = discover_golden({"raid1-1.0-slot1-failed", "raid1-1.0-slot0"});
  const Array& array = only_array(report);
  CHECK(array.metadata == "1.0");
  CHECK(array.state == "degraded");
  CHECK(member_words(array.members) == "0 vdb active, 1 vda out of date");
  REQUIRE(array.care.size() == 2);
  CHECK(array.care[0].starts_with("it is degraded: copy what matters"));
  CHECK(array.care[1].find("/vda is out of date: its data are older, do not use them") != std::string::npos);
}

TEST_CASE("which level can spare how many members decides what is degraded and what incomplete") {
  CHECK(only_array(discover_golden({"raid1-0.90-slot1"})).state == "degraded");
  CHECK(member_words(only_array(discover_golden({"raid1-0.90-slot1"})).members) == "0 - missing, 1 vda active");
  CHECK(only_array(discover_golden({"raid5-1.2-slot0", "raid5-1.2-slot2"})).state == "degraded");
  CHECK(only_array(discover_golden({"raid5-1.2-slot0"})).state == "incomplete");
  CHECK(only_array(discover_golden({"raid0-1.1-slot1"})).state == "incomplete");
}

TEST_CASE("a firmware's container is known by the GUID that its disks share") {
  const DiskReport report = discover_golden({"ddf-disk0", "ddf-disk0", "raid1-0.90-slot0"});
  REQUIRE(report.arrays.size() == 2);
  const Array& container = report.arrays[1];
  CHECK(container.metadata == "ddf");
  CHECK(container.level == "container");
  // "Linux-MD", 0xdeadbeef, 0, the time since 1980, a random number: super-ddf.c of mdadm 4.2.
  CHECK(container.uuid == "4c696e75782d4d44deadbeef000000005839e43657cc6c3c");
  CHECK(member_words(container.members) == "-1 vda active, -1 vdb active");
  CHECK(report.disks[0].content.uuid.empty());
}

TEST_CASE("a clone of a member is left out, and what may be its fellow is in doubt; not so the rescue system's own") {
  const std::vector<std::string> disks = {"raid1-0.90-slot0", "raid1-0.90-slot0", "raid1-0.90-slot1"};
  const DiskReport report = discover_golden(disks);
  CHECK(member_words(only_array(report).members) == "0 vda active, 1 vdc in doubt");
  CHECK(only_array(report).rivals.size() == 2);
  REQUIRE(only_array(report).care.size() == 3);
  CHECK(only_array(report).care[0].find("/vdb bears the same member as ") != std::string::npos);
  CHECK(member_words(only_array(discover_golden(disks, "", {"vdb"})).members) == "0 vdb active, 1 vdc in doubt");
  CHECK(member_words(only_array(discover_golden(disks, "", {"vdb", "vdc"})).members) == "0 vdb active, 1 vdc active");
  CHECK(member_words(only_array(discover_golden(disks, "vda")).members) == "0 vdb active, 1 vdc active");
}

TEST_CASE("a volume group is known by its metadata text, with what a person sees of it") {
  const DiskReport report = discover_golden({"lvm-server-pv0", "lvm-server-pv1"});
  const VolumeGroup& group = only_group(report);
  CHECK(group.name == "server");
  CHECK(group.uuid == "O2FyVa-8mOq-L78L-Lrol-TUdF-XNdL-lsDAxw");
  CHECK(group.size == 208 * mib);
  CHECK(group.care.empty());
  CHECK(member_words(group.physical_volumes) == "-1 vda active, -1 vdb active");
  std::vector<std::string> seen;
  for (const LogicalVolume& volume : group.volumes)
    seen.push_back(volume.name + " " + volume.kind + " " + std::to_string(volume.size / mib) +
                   (volume.complete ? "" : " incomplete"));
  std::sort(seen.begin(), seen.end());
  CHECK(seen == std::vector<std::string>{"mirror raid1 8", "pool thin-pool 24", "root linear 24", "snap snapshot 24",
                                         "stripes striped 16", "thin thin 32", "two linear 32"});
}

TEST_CASE("without one of its physical volumes a group's volumes are complete where they lie on the other alone") {
  const DiskReport report = discover_golden({"lvm-server-pv0"});
  const VolumeGroup& group = only_group(report);
  CHECK(member_words(group.physical_volumes) == "-1 vda active, -1 - missing");
  std::vector<std::string> incomplete;
  for (const LogicalVolume& volume : group.volumes)
    if (!volume.complete) incomplete.push_back(volume.name);
  std::sort(incomplete.begin(), incomplete.end());
  // The pool's metadata lie on the other one; the mirror has an image on each.
  CHECK(incomplete == std::vector<std::string>{"pool", "stripes", "thin", "two"});
}

/// What an array holds, as far as its first bytes say: the same with device mapper and without.
std::string content_words(const Content& content) {
  return content.type + " " + content.label + (content.next_command.empty() ? "" : ", " + content.next_command);
}

TEST_CASE("what an array holds is seen without it being assembled, also where a member is missing") {
  const auto content = [](const std::vector<std::string>& disks) {
    return content_words(only_array(discover_golden(disks)).content);
  };
  CHECK(content({"raid1-1.0-slot0"}) == "ext4 boot, rescue mount");
  CHECK(content({"raid0-1.1-slot1", "raid0-1.1-slot0"}) == "ext4 raid0-root, rescue mount");
  CHECK(content({"raid5-1.2-slot0", "raid5-1.2-slot1", "raid5-1.2-slot2"}) == "ext4 raid5-root, rescue mount");
  CHECK(content({"raid5-1.2-slot1", "raid5-1.2-slot2"}) == "ext4 raid5-root, rescue mount");  // computed
  CHECK(content({"raid5-1.2-slot0", "raid5-1.2-slot2"}) == "ext4 raid5-root, rescue mount");
  CHECK(content({"raid5-1.2-slot2"}) == " ");
}

TEST_CASE("a volume group on an array is found there, and says on which") {
  const DiskReport report = discover_golden({"raid1-0.90-slot0", "raid1-0.90-slot1"});
  CHECK(content_words(only_array(report).content) == "LVM2_member , rescue mount");
  const VolumeGroup& group = only_group(report);
  CHECK(group.name == "onraid");
  REQUIRE(group.physical_volumes.size() == 1);
  CHECK(group.physical_volumes[0].device == "raid:9b2c98cc:dceca996:01f9e43d:ac30fbff");
  CHECK(group.physical_volumes[0].state == "active");
}

TEST_CASE("what a linear volume holds is seen, and a thin one only says its kind and how to open it") {
  const DiskReport report = discover_golden({"lvm-server-pv0", "lvm-server-pv1"});
  std::map<std::string, std::string> contents;
  for (const LogicalVolume& volume : only_group(report).volumes) contents[volume.name] = content_words(volume.content);
  CHECK(contents["root"] == "ext4 lvm-root, rescue mount");
  CHECK(contents["thin"] == " , rescue mount");
  CHECK(contents["pool"] == " ");
}

TEST_CASE("a clone of a physical volume is left out, and noted") {
  const DiskReport report = discover_golden({"lvm-server-pv0", "lvm-server-pv0", "lvm-server-pv1"}, "vda");
  CHECK(member_words(only_group(report).physical_volumes) == "-1 vdb active, -1 vdc active");
  REQUIRE(report.clones.size() == 1);
  CHECK(report.clones[0].kind == "physical volume");
  CHECK(report.clones[0].id == "DkzYSd-Jban-5QhY-fl5z-Pn1A-nHIP-EcvHEf");
  CHECK(report.clones[0].devices.size() == 2);
}

}  // namespace
}  // namespace lifeboat::init
