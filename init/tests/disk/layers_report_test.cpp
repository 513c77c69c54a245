// What the report says of layers: to people at 80 columns, to programs as docs/disks.schema.json promises.
#include <fstream>
#include <nlohmann/json.hpp>

#include "builder/base/run.hpp"
#include "init/disk/disk_report.hpp"
#include "init/tests/disk/layers_machine.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init {
namespace {

using test::mib;

Content content(const std::string& type, const std::string& usage, const std::string& label, const std::string& uuid) {
  Content made;
  made.type = type;
  made.usage = usage;
  made.label = label;
  made.uuid = uuid;
  made.next_command = "rescue mount";
  return made;
}

DiskReport layered_report() {
  DiskReport report;
  Array boot;
  boot.uuid = "62fe3205:5262a050:489675dd:f8e6e6f2";
  boot.name = "server:boot";
  boot.metadata = "1.0";
  boot.level = "raid1";
  boot.slots = 2;
  boot.members = {{"/dev/vda1", "", "active", 0}, {"/dev/vdb1", "", "out of date", 1}};
  boot.size = 512 * mib;
  boot.state = "degraded";
  boot.content = content("ext4", "filesystem", "boot", "1");
  boot.care = {"/dev/vdb1 is out of date: its data are older, do not use them"};
  Array data;
  data.uuid = "76755a6b:903e5599:13f1268f:15225289";
  data.metadata = "0.90";
  data.level = "raid5";
  data.slots = 3;
  data.members = {{"/dev/vda2", "", "active", 0}, {"", "", "missing", 1}, {"", "", "missing", 2}};
  data.state = "incomplete";
  report.arrays = {boot, data};

  VolumeGroup group;
  group.name = "server";
  group.uuid = "O2FyVa-8mOq-L78L-Lrol-TUdF-XNdL-lsDAxw";
  group.size = 20480 * mib;
  group.physical_volumes = {{"raid:62fe3205:5262a050:489675dd:f8e6e6f2", "", "active", -1}, {"", "", "missing", -1}};
  LogicalVolume root{"root", "a", "linear", 10240 * mib, "", true, content("ext4", "filesystem", "root", "2")};
  root.content.size = 10000 * mib;
  root.content.used = 3174 * mib;
  root.content.system = OperatingSystem{"linux", "Debian GNU/Linux 11 (bullseye)", 3, "/dev/server/root"};
  LogicalVolume thin{"thin", "b", "thin", 1024 * mib, "", false, {}};
  group.volumes = {root, thin, {"pool", "c", "thin-pool", 2048 * mib, "", true, {}}};
  report.groups = {group};
  report.opened = {
      {"rescue-vda3", "/dev/mapper/rescue-vda3", "/dev/vda3", 1024 * mib, content("xfs", "filesystem", "", "3")}};
  report.clones = {{"file system UUID", "1", {"/dev/vda1", "/dev/vdc1"}},
                   {"label", "boot", {"/dev/vda1", "/dev/vdc1"}}};
  return report;
}

TEST_CASE("RAIDs, volumes, opened devices and clones read well on a console of 80 columns") {
  const std::string text = to_text(layered_report());
  CHECK(text.substr(text.find("RAID\n")) ==
        "RAID\n"
        "  server:boot   512.0 MiB  RAID 1 on vda1; DEGRADED: 1 of 2 devices are not\n"
        "                           there or not usable\n"
        "                           md 1.0, UUID 62fe3205:5262a050:489675dd:f8e6e6f2\n"
        "                           ! /dev/vdb1 is out of date: its data are older, do\n"
        "                             not use them\n"
        "                           ext4 \"boot\"\n"
        "                           next: rescue mount\n"
        "  76755a6b                 RAID 5 on vda2; INCOMPLETE, it cannot be read: 2 of 3\n"
        "                           devices are not there or not usable\n"
        "                           md 0.90, UUID 76755a6b:903e5599:13f1268f:15225289\n"
        "LVM\n"
        "  server         20.0 GiB  LVM volume group on the RAID server:boot\n"
        "                           UUID O2FyVa-8mOq-L78L-Lrol-TUdF-XNdL-lsDAxw\n"
        "                           ! 1 of 2 physical volumes are missing\n"
        "    root         10.0 GiB  ext4 \"root\", 3.1 GiB used: Debian GNU/Linux 11\n"
        "                           (bullseye)\n"
        "                           fstab: 3 entries, / is /dev/server/root\n"
        "                           next: rescue mount\n"
        "    thin          1.0 GiB  thin volume\n"
        "                           ! not all devices that it lies on are there\n"
        "    pool          2.0 GiB  pool of the thin volumes\n"
        "Opened, decrypted\n"
        "  rescue-vda3     1.0 GiB  xfs, from vda3\n"
        "                           next: rescue mount\n"
        "The same id in several places\n"
        "  file system UUID 1: vda1 and vdc1\n"
        "  `rescue mount` opens the original's devices alone, whatever bears the same\n"
        "  ids.\n");
}

TEST_CASE("without layers and clones the report has no heading for them") {
  const std::string text = to_text(DiskReport{});
  for (const char* heading : {"RAID", "LVM", "Opened", "same id"}) CHECK(text.find(heading) == std::string::npos);
}

/// Debian's jsonschema: 0 where the schema accepts the text.
int judge(const std::string& json, const fs::path& folder) {
  const fs::path file = folder / "disks.json";
  std::ofstream(file) << json;
  return run({{"jsonschema", "-i", file.string(), LIFEBOAT_SOURCE_DIR "/docs/disks.schema.json"}}).status;
}

TEST_CASE("the published schema accepts what is found on real disks' metadata") {
  const TempDir folder(fs::temp_directory_path(), "lifeboat-schema");
  CHECK(judge(to_json(DiskReport{}), folder.path()) == 0);
  CHECK(judge(to_json(layered_report()), folder.path()) == 0);
  CHECK(judge(to_json(test::discover_golden(
                  {"raid1-0.90-slot0", "raid1-0.90-slot0", "raid5-1.2-slot0", "raid5-1.2-slot1", "lvm-server-pv0"})),
              folder.path()) == 0);
}

TEST_CASE("the published schema refuses what is no report of disks") {
  const TempDir folder(fs::temp_directory_path(), "lifeboat-schema");
  const auto wrong = GENERATE(values<std::pair<std::string, nlohmann::json>>({
      {"/surprise", "a key that nobody knows"},
      {"/confidence", "very"},
      {"/arrays/0/state", "fine"},
      {"/arrays/0/members/0/slot", -2},
      {"/groups/0/volumes/0/content/label", "two\nlines"},
      {"/clones/0/devices", nlohmann::json::array({"/dev/vda"})},
  }));
  INFO(wrong.first);
  auto json = nlohmann::json::parse(to_json(layered_report()));
  json[nlohmann::json::json_pointer(wrong.first)] = wrong.second;
  CHECK(judge(json.dump(), folder.path()) != 0);
}

}  // namespace
}  // namespace lifeboat::init
