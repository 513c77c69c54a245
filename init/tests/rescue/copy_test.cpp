#include "init/rescue/copy.hpp"

#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("another machine's folder is told from a file here whose name has a colon") {
  for (const char* place :
       {"root@192.0.2.7:/srv", "host:", "host::module/a", "rsync://host/module", "[2001:db8::1]:/srv"})
    CHECK(is_remote(place));
  for (const char* place : {"/mnt/a:b", "./a:b", "vda", "", ":x", "a/b:c"}) CHECK_FALSE(is_remote(place));
}

TEST_CASE("rsync keeps owners by number, links, ACLs and attributes, and a name with a dash is no option") {
  CHECK(rsync_words("/usr/bin/rsync", "--delete", "/srv") ==
        Words{"/usr/bin/rsync", "-aHAX", "--numeric-ids", "--info=progress2", "--partial", "--", "--delete", "/srv"});
}

TEST_CASE("ddrescue overwrites only where the target is a device, and reads past the cache by the disk's own sectors") {
  CHECK(ddrescue_words("/usr/bin/ddrescue", {"/dev/vda", "/srv/a.img", "/srv/a.img.map", false, 512}) ==
        Words{"/usr/bin/ddrescue", "--idirect", "--sector-size=512", "--retry-passes=1", "--sparse", "--", "/dev/vda",
              "/srv/a.img", "/srv/a.img.map"});
  CHECK(ddrescue_words("/usr/bin/ddrescue", {"/dev/vda", "/dev/vdb", "/run/m", true, 4096}) ==
        Words{"/usr/bin/ddrescue", "--idirect", "--sector-size=4096", "--retry-passes=1", "--force", "--", "/dev/vda",
              "/dev/vdb", "/run/m"});
}

TEST_CASE("what rsync ended with is said in words, and whether the rest was copied") {
  CHECK_FALSE(judge_rsync(0).partly);
  CHECK(judge_rsync(23).partly);
  CHECK(judge_rsync(24).text == "some files vanished while it ran");
  CHECK_FALSE(judge_rsync(11).partly);
  CHECK(judge_rsync(127).text.find("has no rsync") != std::string::npos);
  CHECK(judge_rsync(99).text == "rsync ended with status 99");
}

// The example of ddrescue's manual ("Mapfile structure"), its status line of 1.23 and later.
constexpr std::string_view example =
    "# Mapfile. Created by GNU ddrescue version 1.27\n"
    "# Command line: ddrescue /dev/fd0 fdimage mapfile\n"
    "# current_pos  current_status  current_pass\n"
    "0x00120000     ?               1\n"
    "#      pos        size  status\n"
    "0x00000000  0x00117000  +\n"
    "0x00117000  0x00000200  -\n"
    "0x00117200  0x00001000  /\n"
    "0x00118200  0x00007E00  *\n"
    "0x00120000  0x00048000  ?\n";

TEST_CASE("a map says what was copied, what could not be read, and what was not tried to the end") {
  const auto map = parse_rescue_map(example);
  REQUIRE(map);
  CHECK(map->copied == 0x117000);
  CHECK(map->bad == 512);
  CHECK(map->bad_areas == 1);
  CHECK(map->left == 0x1000 + 0x7E00 + 0x48000);
  CHECK(map->size() == 1474560);  // a floppy disk of 1440 KiB
}

TEST_CASE("a map without a block, with a gap, with another status or with numbers past the end is none") {
  const auto map = [](const std::string& blocks) { return bool(parse_rescue_map("0x0 ? 1\n" + blocks)); };
  CHECK(map("0x0 0x200 +\n0x200 0x200 -\n"));
  for (const char* blocks : {"", "0x0 0x200 +\n0x400 0x200 +\n", "0x0 0x200 +\n0x100 0x200 +\n", "0x0 0x200 x\n",
                             "0x0 0x0 +\n", "0x0 512 +\n", "0x0 0x200\n", "0x0 0x200 + +\n", "0x200 0x200 +\n",
                             "0x0 0xFFFFFFFFFFFFFFFF +\n0xFFFFFFFFFFFFFFFF 0x1 +\n", "0x0 0x1FFFFFFFFFFFFFFFF +\n"}) {
    CAPTURE(blocks);
    CHECK_FALSE(map(blocks));
  }
}

Disk disk(const std::string& name) {
  Disk made;
  made.name = name;
  made.path = "/dev/" + name;
  Partition first;
  first.name = name + "1";
  made.partitions.push_back(first);
  return made;
}

Member member(const std::string& device) { return {device, "", "active", 0}; }

TEST_CASE("disks that form a RAID or a volume group with the original are the original's as well") {
  DiskReport report;
  for (const char* name : {"vda", "vdb", "vdc", "vdd"}) report.disks.push_back(disk(name));
  CHECK(disks_of_original(report).empty());
  report.original = "vda";
  CHECK(disks_of_original(report) == Words{"vda"});
  Array array;
  array.members = {member("/dev/vda1"), member("/dev/vdb1"), member("")};
  VolumeGroup group;  // over the second disk of the array alone
  group.physical_volumes = {member("/dev/vdb"), member("/dev/vdc")};
  report.arrays = {array};
  report.groups = {group};
  CHECK(disks_of_original(report) == Words{"vda", "vdb", "vdc"});
}

}  // namespace
}  // namespace lifeboat::init
