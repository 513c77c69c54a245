// The end of a session: when it comes, and what is let go.
#include "builder/base/file.hpp"
#include "init/boot/time_left.hpp"
#include "init/boot/unmounting.hpp"
#include "init/disk/stop_devices.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::contract::Deadline;

namespace {

constexpr std::int64_t minute = 60'000, hour = 60 * minute;

/// The warnings' minutes while a session of so long runs down in steps of a second.
std::vector<std::int64_t> warnings_of(std::int64_t length) {
  std::vector<std::int64_t> minutes;
  Warnings warnings(length);
  for (std::int64_t left = length; left > -5'000; left -= 1'000)
    if (warnings.is_due(left)) minutes.push_back(left / minute);
  return minutes;
}

}  // namespace

TEST_CASE("a duration counts from the start, a time of day by the clock that may be set") {
  const ClockTimes clocks{.since_start = 10 * minute, .since_1970 = 1'795'662'000'000};
  CHECK(time_left(Deadline{false, 3600}, clocks) == 50 * minute);
  CHECK(time_left(Deadline{true, 1'795'662'000 + 90}, clocks) == 90'000);
  CHECK(time_left(Deadline{true, 1'795'662'000 - 5}, clocks) == -5'000);
  const ClockTimes now = read_clocks();
  CHECK(now.since_start > 0);
  CHECK(now.since_1970 > 1'500'000'000'000);
}

TEST_CASE("what is left is told in two units, rounded down") {
  CHECK(time_words(24 * hour) == "24 h 0 min");
  CHECK(time_words(24 * hour - 1) == "23 h 59 min");
  CHECK(time_words(hour) == "1 h 0 min");
  CHECK(time_words(hour - 1) == "59 min");
  CHECK(time_words(minute) == "1 min");
  CHECK(time_words(minute - 1) == "59 s");
  CHECK(time_words(-5) == "0 s");
}

TEST_CASE("it is warned of 60, 15, 5 and 1 minutes before, each once; what is less at the start is left out") {
  using Minutes = std::vector<std::int64_t>;
  CHECK(warnings_of(24 * hour) == Minutes{60, 15, 5, 1});
  CHECK(warnings_of(60 * minute) == Minutes{15, 5, 1});
  CHECK(warnings_of(60 * minute + 1'000) == Minutes{60, 15, 5, 1});
  CHECK(warnings_of(2 * minute) == Minutes{1});
  CHECK(warnings_of(30'000).empty());
}

TEST_CASE("a clock that jumps over several warnings gives one, and over the deadline none") {
  Warnings warnings(24 * hour);
  CHECK(warnings.is_due(10 * minute));
  CHECK_FALSE(warnings.is_due(10 * minute - 1));
  CHECK(warnings.is_due(5 * minute));
  Warnings other(24 * hour);
  CHECK_FALSE(other.is_due(0));
}

TEST_CASE("the clock is looked at when a warning is due, and at least twice a minute") {
  const Warnings warnings(24 * hour);
  CHECK(warnings.until_next_look(24 * hour) == 30'000);
  CHECK(warnings.until_next_look(60 * minute + 7) == 7);
  const Warnings last(30'000);
  CHECK(last.until_next_look(20'000) == 20'000);
  CHECK(last.until_next_look(-1) == 0);
}

TEST_CASE("what the session mounted is told from the system's own, with whatever lies below it") {
  const std::vector<MountEntry> table{{"/", "overlay", "lifeboat"},
                                      {"/proc", "proc", "proc"},
                                      {"/sys", "sysfs", "sysfs"},
                                      {"/run", "tmpfs", "tmpfs"},
                                      {"/run/lifeboat/medium", "iso9660", "/dev/sr0"},
                                      {"/mnt", "ext4", "/dev/vda1"},
                                      {"/mnt/dev", "devtmpfs", "devtmpfs"},
                                      {"/mnt/rescue", "overlay", "lifeboat"},
                                      {"/mnt2", "tmpfs", "tmpfs"},
                                      {"/bound", "overlay", "lifeboat"},
                                      {"/far", "nfs4", "host:/x"},
                                      {"/merged", "overlay", "overlay"},
                                      {"/win", "fuseblk", "/dev/vdb1"},
                                      {"/pool", "btrfs", "/dev/vdc"}};
  std::vector<std::string> points;
  for (const MountEntry& mount : session_mounts(table)) points.push_back(mount.point);
  CHECK(points == std::vector<std::string>{"/mnt", "/mnt/dev", "/mnt/rescue", "/far", "/merged", "/win", "/pool"});
}

TEST_CASE("LVM, cryptsetup and RAID are found in sysfs; our own root's device is none of them") {
  const lifeboat::TempDir sys("/tmp", "sys");
  const auto write = [&](const std::string& path, const std::string& text) {
    const auto file = sys.path() / "block" / path;
    std::filesystem::create_directories(file.parent_path());
    lifeboat::replace_file(file, text);
  };
  write("dm-0/dm/name", "lifeboat-root\n");
  write("dm-1/dm/name", "vg-data\n");
  write("md126/md/array_state", "clear\n");
  write("md127/md/array_state", "read-auto\n");
  write("vda/size", "2048\n");
  CHECK(stacked_devices(sys.path().string()) == std::vector<StackedDevice>{{"dm-1", "vg-data"}, {"md127", ""}});
}
