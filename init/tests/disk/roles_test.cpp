#include "init/disk/roles.hpp"

#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

/// "DISK CONTENT..." : contents of a disk's partitions; see partition_of.
Partition partition_of(const std::string& word) {
  Partition partition;
  Content& content = partition.content;
  const std::size_t colon = word.find(':');
  const std::string type = word.substr(0, colon);
  if (colon != word.npos) content.label = word.substr(colon + 1);
  content.type = type == "debian" ? "ext4" : type;
  content.usage = type == "crypto_LUKS"                                  ? "crypto"
                  : type == "linux_raid_member" || type == "LVM2_member" ? "raid"
                                                                         : "filesystem";
  if (type == "debian") content.system = OperatingSystem{"linux", "Debian GNU/Linux 11 (bullseye)", 1, "UUID=1"};
  if (type == "efi") {
    content.type = "vfat";
    partition.type_name = "EFI system";
  }
  return partition;
}

Disk disk(const std::string& name, const std::vector<std::string>& partitions = {}) {
  Disk made;
  made.name = name;
  made.size = 1 << 30;
  for (const std::string& word : partitions) made.partitions.push_back(partition_of(word));
  return made;
}

Disk whole(const std::string& name, const std::string& word) {
  Disk made = disk(name);
  made.content = partition_of(word).content;
  return made;
}

/// "vda original, vdb other": who got which role.
std::string roles(const DiskReport& report) {
  std::string text;
  for (const Disk& one : report.disks)
    text += (text.empty() ? "" : ", ") + one.name + " " + std::string(to_text(one.role));
  return text;
}

DiskReport chosen(std::vector<Disk> disks, std::string_view own = "", std::string_view build_id = "") {
  DiskReport report;
  report.disks = std::move(disks);
  choose_original(report, {own, build_id});
  return report;
}

TEST_CASE("beside the rescue system's own disk and its config drive, the one left is the original") {
  const auto report =
      chosen({disk("vda", {"debian"}), disk("vdb", {"debian"}), whole("sr0", "iso9660:config-2")}, "vda");
  CHECK(roles(report) == "vda rescue medium, vdb original, sr0 config drive");
  CHECK(report.confidence == Confidence::certain);
  CHECK(report.reason == "the only disk with an operating system");
}

TEST_CASE("a clone of the rescue medium is the original where the other is the medium") {
  auto disks = std::vector{disk("vda", {"debian:root"}), disk("vdb", {"debian:root"})};
  for (Disk& one : disks) one.table_id = "5c52a1f2";
  for (Disk& one : disks) one.table = "dos";
  CHECK(chosen(disks, "vda").original == "vdb");
  CHECK(chosen(disks, "vdb").original == "vda");
  CHECK(chosen(disks, "vda").disks[1].care ==
        std::vector<std::string>{"it has the id of vda, as a clone has: go by device names, not by UUID or label"});
}

TEST_CASE("disks without an id are no clones of each other") {
  for (const Disk& one : chosen({disk("vda"), disk("vdb")}).disks) CHECK(one.care.empty());
}

TEST_CASE("swap, ephemeral disks and config drives are never the original") {
  const auto report = chosen({disk("vda", {"debian"}), whole("vdb", "ext4:ephemeral0"), whole("vdc", "swap"),
                              whole("vdd", "vfat:config-2"), whole("vde", "iso9660:CIDATA"), disk("vdf", {"debian"})},
                             "vdf");
  CHECK(roles(report) ==
        "vda original, vdb ephemeral, vdc swap, vdd config drive, vde config drive, vdf rescue medium");
  CHECK(report.confidence == Confidence::certain);
}

TEST_CASE("a label that only begins like an ephemeral disk's is an ordinary disk") {
  CHECK(chosen({whole("vda", "ext4:ephemeral")}).original == "vda");
  CHECK(chosen({whole("vda", "ext4:ephemeral0b")}).original == "vda");
}

TEST_CASE("a config partition on a disk with other things does not make it a config drive") {
  const auto report =
      chosen({disk("sda", {"debian", "iso9660:config-2"})});  // as Ironic leaves it on a bare-metal disk
  CHECK(roles(report) == "sda original");
}

TEST_CASE("a CD is not the original, an empty drive neither") {
  Disk cd = whole("sr0", "iso9660:Debian 12");
  cd.optical = true;
  Disk reader = disk("sdb");
  reader.size = 0;
  const auto report = chosen({cd, reader, disk("sda", {"debian"})});
  CHECK(roles(report) == "sr0 other, sdb other, sda original");
}

TEST_CASE("of several disks the one with an operating system is the original") {
  CHECK(chosen({disk("vda", {"ext4"}), disk("vdb", {"debian"}), disk("vdc")}).original == "vdb");
  CHECK(chosen({disk("vda", {"ext4"}), disk("vdb", {"debian"})}).confidence == Confidence::certain);
}

TEST_CASE("where another disk may hide an operating system, the choice is likely only") {
  const auto report = chosen({disk("vda", {"debian"}), disk("vdb", {"crypto_LUKS"})});
  CHECK(report.original == "vda");
  CHECK(report.confidence == Confidence::likely);
}

TEST_CASE("of two operating systems the first is taken, and the report is not sure") {
  const auto report = chosen({disk("vda", {"debian"}), disk("vdb", {"debian"})});
  CHECK(report.original == "vda");
  CHECK(report.confidence == Confidence::unsure);
  CHECK(report.reason == "vda and vdb both hold an operating system; this one is plugged in first");
}

TEST_CASE("without an operating system LVM, encryption and RAID point at the original") {
  CHECK(chosen({disk("vda", {"ext4"}), disk("vdb", {"LVM2_member"})}).reason ==
        "it holds LVM, and an operating system may be inside");
  CHECK(chosen({disk("vda", {"ext4"}), disk("vdb", {"efi", "crypto_LUKS"})}).original == "vdb");
  CHECK(chosen({disk("vda", {"ext4"}), disk("vdb", {"linux_raid_member"})}).confidence == Confidence::likely);
  CHECK(chosen({disk("vda", {"LVM2_member"}), disk("vdb", {"LVM2_member"})}).confidence == Confidence::unsure);
}

TEST_CASE("a boot partition alone points at the original") {
  const auto report = chosen({disk("vda"), disk("vdb", {"efi"})});
  CHECK(report.original == "vdb");
  CHECK(report.reason == "it has a boot partition, though no operating system was found");
}

TEST_CASE("the only disk is the original even when nothing is known of it") {
  const auto report = chosen({disk("vda")});
  CHECK(report.original == "vda");
  CHECK(report.confidence == Confidence::likely);
  CHECK(report.reason == "the only disk that it can be, but no operating system was found on it");
}

TEST_CASE("a disk that could not be read may still be the original") {
  Disk dead = disk("vda");
  dead.problem = "reading /dev/vda: no answer within 10 seconds";
  CHECK(chosen({dead}).reason == "the only disk that it can be, but it could not be read");
  CHECK(chosen({dead}).confidence == Confidence::unsure);
  CHECK(chosen({dead, disk("vdb", {"debian"})}).confidence == Confidence::likely);
}

TEST_CASE("without any candidate the report says so") {
  CHECK(chosen({}).reason == "the kernel knows no disk");
  CHECK(chosen({disk("vda", {"debian"})}, "vda").reason == "no disk is left that it could be");
  CHECK(chosen({disk("vda", {"debian"})}, "vda").original.empty());
}

Disk marked(const std::string& name, const std::string& build_id, const std::vector<std::string>& partitions = {}) {
  Disk made = disk(name, partitions);
  made.medium_build = build_id;
  return made;
}

TEST_CASE("a copy of the rescue medium is put aside while another disk can be the original") {
  const auto report = chosen({marked("vda", "1"), disk("vdb"), marked("vdc", "1")}, "vdc", "1");
  CHECK(roles(report) == "vda other, vdb original, vdc rescue medium");
  CHECK(report.disks[0].role_reason == "a copy of the rescue medium: it carries the same build");
}

TEST_CASE("a copy of the rescue medium that is the only disk left is the original, unsure, and says why") {
  const auto report = chosen({marked("vda", "1"), marked("vdb", "1")}, "vdb", "1");
  CHECK(roles(report) == "vda original, vdb rescue medium");
  CHECK(report.confidence == Confidence::unsure);
  CHECK(report.reason ==
        "a copy of the rescue medium: it was taken only because there is no other disk, and it holds nothing but the "
        "rescue system");
  CHECK(chosen({marked("vda", "1"), marked("vdb", "1"), marked("vdc", "1")}, "vdc", "1").original == "vda");
}

TEST_CASE("a disk with an operating system is the original although it begins as a copy of the medium") {
  const auto report = chosen({marked("vda", "1", {"debian"}), marked("vdb", "1")}, "vdb", "1");
  CHECK(report.original == "vda");
  CHECK(report.confidence == Confidence::certain);
}

TEST_CASE("a CD copy is never the original, and another build's medium is named") {
  Disk cd = marked("sr0", "1");
  cd.optical = true;
  CHECK(chosen({cd, marked("vda", "1")}, "vda", "1").original.empty());
  const auto report = chosen({marked("vda", "2"), disk("vdb")}, "", "1");
  CHECK(roles(report) == "vda other, vdb original");
  CHECK(report.disks[0].role_reason == "another rescue medium, of the build 2");
}

TEST_CASE("netboot calls a medium of its build a copy, and no disk its own") {
  const auto report = chosen({marked("vda", "1"), disk("vdb", {"debian"})}, "", "1");
  CHECK(roles(report) == "vda other, vdb original");
}

TEST_CASE("a guess at the own medium is called one") {
  DiskReport report;
  report.disks = {marked("vda", "1"), marked("vdb", "1")};
  choose_original(report, {"vda", "1", true});
  CHECK(report.disks[0].role_reason == "this rescue system runs from it, but may have been started from a copy of it");
}

}  // namespace
}  // namespace lifeboat::init
