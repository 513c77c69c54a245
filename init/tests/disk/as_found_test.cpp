#include "init/disk/as_found.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <set>
#include <vector>

#include "builder/base/run.hpp"
#include "init/tests/disk/machine.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init {
namespace {

using test::Machine;
using test::mib;
using Lines = std::vector<std::string>;

/// A machine with one disk of 24 MiB: GPT, Debian in its one partition.
class OneDisk {
 public:
  OneDisk() {
    Command sfdisk{{"sfdisk", "--quiet", test::make_image(image(), 24 * mib).string()}};
    sfdisk.input = "label: gpt\nstart=2048, size=32768, type=L\n";
    run_checked(sfdisk);
    test::put_into(image(), test::make_debian_ext4(machine_.path(), "ext4"), mib);
    machine_.add_disk("vda", 24 * mib, {{mib, 16 * mib}});
    machine_.connect("vda", image());
    set_counters(3, 24, 0, 1);
    set("diskseq", "5");
  }
  fs::path image() const { return machine_.path() / "image"; }
  void set(const std::string& attribute, const std::string& text) const {
    std::ofstream(machine_.sysfs() / "block/vda" / attribute) << text << "\n";
  }
  /// As Linux 5.5 on writes it: 17 numbers.
  void set_counters(int writes, int sectors, int discards, int flushes) const {
    set("stat", "     120        7     5000       40      " + std::to_string(writes) + "        0       " +
                    std::to_string(sectors) + "       12        0       30       52       " + std::to_string(discards) +
                    "        0        0        0        " + std::to_string(flushes) + "       2");
  }
  AsFound found() const {
    AsFound all;
    discover_disks(machine_.options(), &all);
    return all;
  }
  AsFound again(const AsFound& then) const { return fingerprint_again(then, machine_.options()); }
  const Machine& machine() const { return machine_; }

 private:
  Machine machine_;
};

/// Of all disks, each clause behind its disk's name: ": " a change, "? " what could not be compared.
Lines compare(const AsFound& then, const AsFound& now) {
  Lines lines;
  for (const DiskAsFound& disk : then) {
    const auto same = std::ranges::find(now, disk.name, &DiskAsFound::name);
    REQUIRE(same != now.end());
    const Comparison found = init::compare(disk, *same);
    for (const std::string& line : found.changes) lines.push_back(disk.name + ": " + line);
    for (const std::string& line : found.unknown) lines.push_back(disk.name + "? " + line);
  }
  return lines;
}

TEST_CASE("a disk that nobody touched is as found") {
  const OneDisk disk;
  const AsFound then = disk.found();
  REQUIRE(then.size() == 1);
  CHECK(then[0].name == "vda");
  CHECK(then[0].sequence == 5);
  CHECK(then[0].ends.first.size() == 64);
  CHECK(then[0].ends.first != then[0].ends.last);
  CHECK(then[0].counters == WriteCounters{3, 24, 0});
  REQUIRE(then[0].partitions.size() == 1);
  CHECK(then[0].partitions[0].name == "vda1");
  CHECK(then[0].partitions[0].content_uuid.size() == 36);
  const AsFound now = disk.again(then);
  CHECK(now == then);
  CHECK(compare(then, now).empty());
}

TEST_CASE("what was written to a disk is told by the kernel's count and by the place") {
  const OneDisk disk;
  const AsFound then = disk.found();
  disk.set_counters(15, 120, 2, 9);
  test::poke(disk.image(), mib + 1024 + 52, "\x09");  // ext's mount count
  CHECK(compare(then, disk.again(then)) == Lines{"vda: 12 writes, 96 sectors, 2 discards since it was found",
                                                 "vda: vda1: its beginning, where superblocks are, changed"});
}

TEST_CASE("flushes alone are no change") {
  const OneDisk disk;
  const AsFound then = disk.found();
  disk.set_counters(5, 24, 0, 12);  // older kernels count a flush as a write of no sectors
  CHECK(compare(then, disk.again(then)).empty());
}

TEST_CASE("each end of a disk and of a partition is looked at") {
  const OneDisk disk;
  const AsFound then = disk.found();
  struct Place {
    std::uint64_t at;
    const char* line;
  };
  const Place place = GENERATE(values<Place>({
      {440, "vda: its first MiB, where the partition table is, changed"},
      {mib - 1, "vda: its first MiB, where the partition table is, changed"},
      {mib + 65536 + 64, "vda: vda1: its beginning, where superblocks are, changed"},
      {17 * mib - 65536, "vda: vda1: its end changed"},
      {24 * mib - 34 * 512, "vda: its last 256 KiB changed"},
  }));
  INFO(place.at);
  test::poke(disk.image(), place.at, "x");
  CHECK(compare(then, disk.again(then)) == Lines{place.line});
  test::poke(disk.image(), 8 * mib, "x");  // a file's data: only the kernel's count tells that
}

TEST_CASE("a changed partition table is told by its ids") {
  const OneDisk disk;
  const AsFound then = disk.found();
  run_checked({{"sfdisk", "--quiet", "--no-reread", "--part-uuid", disk.image().string(), "1",
                "11111111-2222-4333-8444-555555555555"}});
  const Lines lines = compare(then, disk.again(then));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "vda: its first MiB, where the partition table is, changed");
  CHECK(lines[1] == "vda: its last 256 KiB changed");
  CHECK(lines[2].starts_with("vda: vda1: its partition UUID was "));
  CHECK(lines[2].ends_with(" and is 11111111-2222-4333-8444-555555555555"));
}

TEST_CASE("a disk that is gone, or another in its place, is told") {
  const OneDisk disk;
  const AsFound then = disk.found();
  disk.set("diskseq", "9");
  CHECK(compare(then, disk.again(then)) == Lines{"vda? it was taken away, and another disk has its name now"});
  fs::remove(disk.machine().sysfs() / "block/vda");
  CHECK(compare(then, disk.again(then)) == Lines{"vda? it is not there any more"});
}

TEST_CASE("a disk that was not read when it was found is never called unchanged") {
  const OneDisk disk;
  const AsFound now = disk.found();
  AsFound then = now;
  then[0].problem = "reading /dev/vda: no answer within 10 seconds";
  CHECK(compare(then, now) ==
        Lines{"vda? it could not be read when it was found (reading /dev/vda: no answer within 10 seconds)"});
  CHECK(list_unanswered(then) == Lines{"vda"});
  AsFound slow = now;
  slow[0].problem = "reading the ends of /dev/vda: no answer within 4 seconds";
  CHECK(list_unanswered(slow).empty());
  then.push_back(now[0]);  // another disk has its name now
  CHECK(list_unanswered(then).empty());
}

TEST_CASE("a part that cannot be read, then or now, is neither changed nor as found") {
  const OneDisk disk;
  const AsFound then = disk.found();
  AsFound now = then;
  now[0].ends.last.clear();
  now[0].partitions[0].ends.first.clear();
  now[0].partitions[0].content_uuid.clear();  // nor is its superblock there to be read
  CHECK(compare(then, now) == Lines{"vda? its last 256 KiB cannot be read any more",
                                    "vda? vda1: the UUID of what it holds cannot be read any more",
                                    "vda? vda1: its beginning, where superblocks are, cannot be read any more"});
  CHECK(compare(now, then) ==
        Lines{"vda? its last 256 KiB could not be read when it was found",
              "vda? vda1: the UUID of what it holds could not be read when it was found",
              "vda? vda1: its beginning, where superblocks are, could not be read when it was found"});
  CHECK(compare(now, now) ==
        Lines{"vda? its last 256 KiB could not be read when it was found",
              "vda? vda1: its beginning, where superblocks are, could not be read when it was found"});
  // A partition that a table puts beyond the disk's end is not there to be read.
  AsFound cut = then;
  cut[0].partitions[0].start = cut[0].size;
  cut[0].partitions[0].ends = {};
  CHECK(compare(cut, cut).empty());
}

TEST_CASE("a disk that was written to and does not answer any more is both") {
  const OneDisk disk;
  const AsFound then = disk.found();
  AsFound now = then;
  now[0].problem = "reading /dev/vda: no answer within 10 seconds";
  now[0].counters = WriteCounters{4, 32, 0};
  CHECK(compare(then, now) ==
        Lines{"vda: 1 write, 8 sectors since it was found", "vda? reading /dev/vda: no answer within 10 seconds"});
}

TEST_CASE("a record is read back as it was written, and what was recorded first counts") {
  const OneDisk disk;
  const AsFound then = disk.found();
  CHECK(as_found_from_json(to_json(then)) == then);
  CHECK_FALSE(as_found_from_json("{}"));
  CHECK_FALSE(as_found_from_json("[{\"name\": 1}]"));
  disk.set_counters(99, 999, 0, 0);
  AsFound known = then;
  AsFound later = disk.found();
  later.push_back(later[0]);
  later[1].name = "vdb";
  add_new_disks(known, later);
  REQUIRE(known.size() == 2);
  CHECK(known[0] == then[0]);
  CHECK(known[1].name == "vdb");
}

TEST_CASE("a disk that was away and is back is compared with what it was first, another one of its name is new") {
  DiskAsFound first;
  first.name = "sda";
  first.sequence = 7;
  first.serial = "S1";
  first.size = 512;
  first.ends = {"before", "end"};
  first.counters = WriteCounters{5, 40, 0};
  DiskAsFound back = first;
  back.sequence = 8;
  back.ends.first = "after";
  back.counters = WriteCounters{};
  AsFound known{first};
  add_new_disks(known, {back});
  REQUIRE(known.size() == 1);
  CHECK(compare(known[0], back).changes == Lines{"its first MiB, where the partition table is, changed"});
  CHECK(known[0].earlier_sequences == std::vector<std::uint64_t>{7});
  CHECK(as_found_from_json(to_json(known)) == known);
  DiskAsFound other = back;
  other.sequence = 9;
  other.serial = "S2";
  add_new_disks(known, {other});
  REQUIRE(known.size() == 2);
  CHECK(known[1] == other);
}

TEST_CASE("who records disks at the same time as others loses none of theirs") {
  const TempDir folder("/tmp", "record");
  const std::string file = (folder.path() / "as-found.json").string();
  constexpr int writers = 4, disks_each = 8;  // far from the patience, also under sanitizers
  const auto name = [](int writer, int disk) { return "w" + std::to_string(writer) + "d" + std::to_string(disk); };
  std::vector<pid_t> children;
  for (int writer = 0; writer < writers; ++writer) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    for (int i = 0; i < disks_each; ++i) {
      DiskAsFound disk;
      disk.name = disk.serial = name(writer, i);
      disk.sequence = static_cast<std::uint64_t>(1 + writer * disks_each + i);
      if (!add_to_as_found({disk}, file)) ::_exit(1);
    }
    ::_exit(0);
  }
  for (const pid_t child : children) {
    int status = 1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  const auto known = read_as_found(file);
  REQUIRE(known);
  std::set<std::string> names;
  for (const DiskAsFound& disk : *known) names.insert(disk.name);
  CHECK(names.size() == writers * disks_each);
}

TEST_CASE("sixty-four disks are fingerprinted within two seconds more") {
  Machine machine;
  const fs::path image = test::make_image(machine.path() / "image", 64 * mib);
  Command sfdisk{{"sfdisk", "--quiet", image.string()}};
  sfdisk.input = "label: gpt\nstart=2048, size=2048\nstart=4096, size=32768, type=L\n";
  run_checked(sfdisk);
  test::put_into(image, test::make_debian_ext4(machine.path(), "ext4"), 2 * mib);
  for (int i = 0; i < 64; ++i) {
    char name[8];
    std::snprintf(name, sizeof name, "xvd%d", i);
    machine.add_disk(name, 64 * mib, {{mib, mib}, {2 * mib, 16 * mib}});
    machine.connect(name, image);
  }
  const auto timed = [&](AsFound* found) {
    const auto begin = std::chrono::steady_clock::now();
    discover_disks(machine.options(), found);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  const double plain = timed(nullptr);
  AsFound found;
  const double with = timed(&found);
  std::printf("64 disks: %.3f s, with fingerprints %.3f s\n", plain, with);
  CHECK(found.size() == 64);
  CHECK(with - plain < 2);  // 0.15 to 0.25 where nothing else runs
}

}  // namespace
}  // namespace lifeboat::init
