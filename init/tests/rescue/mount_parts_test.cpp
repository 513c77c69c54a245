// The pure parts of `rescue mount`, `rescue exit`, the status page and the write protection.
#include "init/rescue/fstab_plan.hpp"
#include "init/rescue/leaving.hpp"
#include "init/rescue/mount_device.hpp"
#include "init/rescue/status.hpp"
#include "init/sys/write_protection.hpp"
#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

FstabEntry entry(const std::string& point, const std::string& device, const std::string& options = "defaults",
                 const std::string& type = "ext4") {
  FstabEntry made;
  made.spec = "UUID=" + device;
  made.point = point;
  made.type = type;
  made.options = options;
  made.device = device;
  return made;
}

std::string points(const std::vector<FstabMount>& mounts) {
  std::string text;
  for (const FstabMount& mount : mounts)
    text += (text.empty() ? "" : " ") + mount.entry.point + (mount.skip.empty() ? "" : "!");
  return text;
}

TEST_CASE("an fstab is mounted from its root outwards, without swap, network and the root itself") {
  OperatingSystem system;
  system.fstab = {entry("/boot/efi", "/dev/vda1", "umask=0077", "vfat"),
                  entry("/", "/dev/vda3"),
                  entry("/var/lib/data", "/dev/vdb1"),
                  entry("/boot", "/dev/vda2"),
                  entry("none", "/dev/vda4", "sw", "swap"),
                  entry("/var", "/dev/vda5")};
  FstabEntry network = entry("/srv", "", "defaults", "nfs");
  network.spec = "server:/export";
  system.fstab.push_back(network);
  CHECK(points(plan_fstab(system)) == "/boot /var /boot/efi /var/lib/data");
}

TEST_CASE("noauto keeps a line from being mounted, but not what boot loaders need") {
  OperatingSystem system;
  system.fstab = {entry("/data", "/dev/vda2", "noauto"), entry("/boot", "/dev/vda3", "noauto"),
                  entry("/bootless", "/dev/vda4", "rw,noauto")};
  CHECK(points(plan_fstab(system)) == "/data! /boot /bootless!");
}

TEST_CASE("a line that nothing satisfies is kept with the reason") {
  OperatingSystem system;
  system.fstab = {entry("/home", "")};
  system.fstab[0].problem = "no file system here has this UUID";
  const auto mounts = plan_fstab(system);
  REQUIRE(mounts.size() == 1);
  CHECK(mounts[0].skip == "no file system here has this UUID");
}

TEST_CASE("mount points that climb are not taken") {
  OperatingSystem system;
  system.fstab = {entry("/../etc", "/dev/vda2"), entry("//var//", "/dev/vda3")};
  CHECK(points(plan_fstab(system)) == "/var");
}

TEST_CASE("a mount for reading has the option that keeps its file system from replaying its log") {
  CHECK(mount_options({"/dev/vda1", "ext4", "", "", false}) == "noload");
  CHECK(mount_options({"/dev/vda1", "xfs", "", "", false}) == "norecovery,nouuid");
  CHECK(mount_options({"/dev/vda1", "btrfs", "subvol=@", "device=/dev/vdb", false}) ==
        "rescue=nologreplay,subvol=@,device=/dev/vdb");
  CHECK(mount_options({"/dev/vda1", "vfat", "", "", false}).empty());
  CHECK(mount_options({"/dev/vda1", "ext4", "", "", true}).empty());
  CHECK(mount_options({"/dev/vda1", "xfs", "", "", true}) == "nouuid");
  CHECK(subvolume_option("rw,subvol=@home,compress=zstd") == "subvol=@home");
  CHECK(subvolume_option("rw,nosubvol=1").empty());
}

TEST_CASE(
    "a disk is writable when it, or one of its partitions, was asked for; a partition only by itself or its disk") {
  CHECK(!may_be_written({}, "vda", "vda"));
  CHECK(may_be_written({"vda"}, "vda2", "vda"));
  CHECK(may_be_written({"vda1"}, "vda1", "vda"));
  CHECK(may_be_written({"vda1"}, "vda", "vda"));
  CHECK(!may_be_written({"vda1"}, "vda2", "vda"));
  CHECK(!may_be_written({"vdb"}, "vda", "vda"));
  CHECK(!may_be_written({"sdaa1"}, "sda", "sda"));
}

DiskAsFound found(const std::string& name, std::uint64_t writes) {
  DiskAsFound made;
  made.name = name;
  made.sequence = 1;
  made.counters = WriteCounters{writes, writes * 8, 0};
  return made;
}

TEST_CASE("rescue exit tells what changed apart by whether the person asked for it, and leaves the own medium out") {
  const AsFound then{found("vda", 0), found("vdb", 0), found("vdc", 0), found("vdd", 0), found("vde", 0)};
  AsFound now{found("vda", 0), found("vdb", 2), found("vdc", 1), found("vdd", 5), found("vde", 0)};
  now[4].problem = "reading /dev/vde: no answer within 10 s";
  const auto verdicts = judge_disks(then, now, {{"vdb1", 1}}, "vdd");
  CHECK(verdict_text(verdicts) ==
        "  vda  as found\n"
        "  vdb  changed, as you asked for:\n"
        "      2 writes, 16 sectors since it was found\n"
        "  vdc  CHANGED, ALTHOUGH NOBODY ASKED FOR IT:\n"
        "      1 write, 8 sectors since it was found\n"
        "  vde  could not be compared: reading /dev/vde: no answer within 10 s\n");
}

TEST_CASE("a disk that changed and of which a part cannot be read has both said") {
  DiskAsFound then = found("vda", 0), now = found("vda", 1);
  then.size = now.size = 1 << 20;
  then.ends = {"one", "two"};
  now.ends = {"one", ""};
  const auto verdicts = judge_disks({then}, {now}, {{"vda", 1}}, "");
  CHECK(verdict_text(verdicts) ==
        "  vda  changed, as you asked for:\n"
        "      1 write, 8 sectors since it was found\n"
        "      could not be compared: its last 256 KiB cannot be read any more\n");
  CHECK(std::string(status_of(verdicts)) == "not-compared");
}

TEST_CASE("the exit's status is the worst disk's: one that does not answer is never called as found") {
  const Verdict as_found{"vda", {}, false, "", false}, asked{"vdb", {"x"}, true, "", false},
      unasked{"vdc", {"x"}, false, "", false}, unread{"vdd", {}, false, "no answer", false},
      gone{"vde", {}, false, gone_words, true}, gone_asked{"vdf", {}, true, gone_words, true};
  const auto status = [](const std::vector<Verdict>& verdicts) { return std::string(status_of(verdicts)); };
  CHECK(status({}) == "as-found");
  CHECK(status({as_found, gone}) == "as-found");
  CHECK(status({as_found, asked}) == "changed-as-asked");
  CHECK(status({asked, unread}) == "not-compared");
  CHECK(status({as_found, gone_asked}) == "not-compared");
  CHECK(status({unread, unasked, asked}) == "changed-unasked");
}

TEST_CASE(
    "who asked to write to a disk has not asked for another one of its name, and has for the same one come back") {
  DiskAsFound gone = found("sda", 0), other = found("sda", 0);
  other.sequence = 2;
  const auto asked = [](const AsFound& then, std::uint64_t sequence) {
    std::vector<bool> answers;
    for (const Verdict& verdict : judge_disks(then, then, {{"sda1", sequence}}, "")) answers.push_back(verdict.asked);
    return answers;
  };
  CHECK(asked({gone, other}, 1) == std::vector{true, false});
  CHECK(asked({gone, other}, 2) == std::vector{false, true});
  DiskAsFound back = found("sda", 0);
  back.sequence = 3;
  back.earlier_sequences = {1};
  CHECK(asked({back}, 1) == std::vector{true});
  CHECK(asked({back}, 2) == std::vector{false});
}

TEST_CASE("a partition belongs to its disk, and not to one whose name begins alike") {
  const AsFound then{found("sda", 0), found("sdaa", 0), found("nvme0n1", 0), found("nvme0n11", 0)};
  const auto asked = [&](const std::string& name) {
    std::string disks;
    for (const Verdict& verdict : judge_disks(then, then, {{name, 1}}, ""))
      if (verdict.asked) disks += verdict.disk;
    return disks;
  };
  CHECK(asked("sda1") == "sda");
  CHECK(asked("sdaa") == "sdaa");
  CHECK(asked("nvme0n1p2") == "nvme0n1");
  CHECK(asked("nvme0n11") == "nvme0n11");
}

TEST_CASE("the status page says what is mounted, writable and next") {
  CHECK(status_text(std::nullopt, {}, 3 * 3600 + 61) ==
        "  Mounted     nothing by `rescue mount`\n"
        "  Writable    no disk: the kernel protects them\n"
        "  Time left   3 h 1 min\n"
        "  Next        rescue mount     the original's root at /mnt, read-only\n");
  Session session;
  session.device = "/dev/vda1";
  session.write = true;
  session.steps = {{"writable", "vda1", "/dev/vda1"},
                   {"mount", "/mnt", "/dev/vda1", "ext4"},
                   {"mount", "/mnt/boot", "/dev/vda2", "ext4"}};
  CHECK(status_text(session, {{{"vda1", owner_write}, {"vda1", owner_mount}}, {}}, std::nullopt) ==
        "  Mounted     /dev/vda1 at /mnt, FOR WRITING, with 1 more below it\n"
        "  Writable    vda1\n"
        "  Next        rescue fix, rescue chroot; then rescue exit\n");
  CHECK(status_text(session, {}, std::nullopt, true)
            .ends_with("\n  Next        rescue umount    ITS DISK IS GONE: unplugged, or it has failed\n"));
}

}  // namespace
}  // namespace lifeboat::init
