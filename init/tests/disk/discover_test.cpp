#include "init/disk/discover.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>

#include "builder/base/digest.hpp"
#include "builder/base/run.hpp"
#include "init/tests/disk/machine.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init {
namespace {

using test::LoopDevice;
using test::Machine;
using test::mib;

const Disk& disk_named(const DiskReport& report, const std::string& name) {
  const auto found =
      std::find_if(report.disks.begin(), report.disks.end(), [&](const Disk& disk) { return disk.name == name; });
  REQUIRE(found != report.disks.end());
  return *found;
}

/// A GPT disk of 24 MiB with Debian 11 in its one partition, of 16 MiB at 1 MiB.
fs::path make_debian_disk(const fs::path& folder, const std::string& name) {
  fs::path image = test::make_image(folder / name, 24 * mib);
  Command sfdisk{{"sfdisk", "--quiet", image.string()}};
  sfdisk.input = "label: gpt\nstart=2048, size=32768, type=L, name=root\n";
  run_checked(sfdisk);
  test::put_into(image, test::make_debian_ext4(folder, name + ".ext4"), mib);
  return image;
}

/// The disk as a machine that lost its power leaves it: written to through a real mount, copied while still mounted.
fs::path crash(const fs::path& folder, const std::string& type, std::uint64_t size,
               const std::vector<std::string>& mkfs) {
  const fs::path image = test::make_image(folder / type, size);
  std::vector<std::string> command = mkfs;
  command.push_back(image.string());
  run_checked({command});
  const LoopDevice loop(image);
  const fs::path mount = folder / (type + ".mount");
  fs::create_directories(mount);
  run_checked({{"mount", "-t", type, loop.path(), mount.string()}});
  test::make_debian_root(mount);
  run_checked({{"umount", mount.string()}});
  run_checked({{"mount", "-t", type, loop.path(), mount.string()}});
  const fs::path late = mount / "late";
  std::ofstream(late) << std::string(1 << 20, 'x');
  const fs::path gone = mount / "deleted-while-open";
  std::ofstream open(gone);
  open << std::string(1 << 20, 'y') << std::flush;
  fs::remove(gone);
  run_checked({{"sync", late.string()}});
  fs::path snapshot = folder / (type + ".crashed");
  run_checked({{"cp", "--sparse=always", image.string(), snapshot.string()}});
  open.close();
  run_checked({{"umount", mount.string()}});
  return snapshot;
}

/// Whether the usual way to look, a plain read-only mount, writes to it: only then does the test prove anything.
bool plain_mount_writes(const fs::path& image, const fs::path& folder) {
  const fs::path copy = folder / "copy";
  run_checked({{"cp", "--sparse=always", image.string(), copy.string()}});
  const fs::path mount = folder / "plain";
  fs::create_directories(mount);
  {
    const LoopDevice loop(copy);
    run_checked({{"mount", "-o", "ro", loop.path(), mount.string()}});
    run_checked({{"umount", mount.string()}});
  }
  return sha256_of_file(copy) != sha256_of_file(image);
}

TEST_CASE("a partition's operating system is found, and the disk keeps its bytes") {
  if (!test::can_mount()) return;
  Machine machine;
  const fs::path image = make_debian_disk(machine.path(), "original");
  const auto before = sha256_of_file(image);
  machine.add_disk("vda", 24 * mib, {{mib, 16 * mib}});
  {
    const LoopDevice whole(image), first(image, mib, 16 * mib);
    machine.connect("vda", whole.path());
    machine.connect("vda1", first.path());
    const auto report = discover_disks(machine.options());
    CHECK(report.problems.empty());
    CHECK(report.original == "vda");
    CHECK(report.confidence == Confidence::certain);
    const Content& root = disk_named(report, "vda").partitions.at(0).content;
    CHECK(root.care.empty());
    REQUIRE(root.system);
    CHECK(root.system->name == "Debian GNU/Linux 11 (bullseye)");
    CHECK(root.system->fstab_root == "UUID=0a1b");
    CHECK(root.size > 8 * mib);
    CHECK(root.used > 0);
    CHECK(root.used < root.size);
    CHECK(root.next_command == "rescue mount vda1");
  }
  CHECK(sha256_of_file(image) == before);
}

TEST_CASE("a partition that only the backup GPT knows is looked into, and the disk keeps its bytes") {
  if (!test::can_mount()) return;
  const bool mapper = static_cast<bool>(Fd(::open("/dev/mapper/control", O_RDWR | O_CLOEXEC)));  // not in every kernel
  Machine machine;
  const fs::path image = make_debian_disk(machine.path(), "original");
  test::poke(image, 512, std::string(512, '\0'));
  const auto before = sha256_of_file(image);
  machine.add_disk("vda", 24 * mib);  // the kernel made no partitions
  {
    const LoopDevice whole(image);
    machine.connect("vda", whole.path());
    const auto report = discover_disks(machine.options());
    CHECK(report.original == "vda");
    const std::string disk = (machine.dev() / "vda").string();
    const Content& root = disk_named(report, "vda").partitions.at(0).content;
    CHECK(root.care == std::vector<std::string>{"the kernel has made no device for it"});
    CHECK(root.system.has_value() == mapper);
    if (mapper) CHECK(root.system->name == "Debian GNU/Linux 11 (bullseye)");
    CHECK(root.next_command == "partx --add --nr 1 " + disk + " && rescue mount vda1");
  }
  CHECK(sha256_of_file(image) == before);
}

TEST_CASE("a full file system is told") {
  if (!test::can_mount()) return;
  Machine machine;
  const fs::path root = test::make_debian_root(machine.path() / "root");
  std::ofstream(root / "big") << std::string(13 * mib, 'x');
  const fs::path full = test::make_image(machine.path() / "full", 16 * mib);
  run_checked({{"mkfs.ext4", "-q", "-O", "^has_journal", "-m", "5", "-d", root.string(), full.string()}});
  fs::remove(root / "big");
  for (int i = 0; i < 108; ++i) std::ofstream(root / std::to_string(i)) << "x";
  const fs::path many = test::make_image(machine.path() / "many", 16 * mib);
  run_checked({{"mkfs.ext4", "-q", "-N", "128", "-d", root.string(), many.string()}});
  const LoopDevice a(full), b(many);
  machine.add_disk("vda", 16 * mib);
  machine.add_disk("vdb", 16 * mib);
  machine.connect("vda", a.path());
  machine.connect("vdb", b.path());
  const auto report = discover_disks(machine.options());
  REQUIRE(disk_named(report, "vda").content.care.size() == 1);
  const std::string space = disk_named(report, "vda").content.care[0];
  CHECK(space.starts_with("its space is "));
  CHECK(space.ends_with(" % used"));
  REQUIRE(disk_named(report, "vdb").content.care.size() == 1);
  CHECK(disk_named(report, "vdb").content.care[0].starts_with("its inodes are "));
}

TEST_CASE("names that would move the cursor or turn the text reach no report") {
  if (!test::can_mount()) return;
  Machine machine;
  const fs::path root = machine.path() / "root";
  fs::create_directories(root / "etc");
  std::ofstream(root / "etc/os-release") << "PRETTY_NAME=\"\x1b]0;evil\x07\xe2\x80\xae\xff\"\n";
  std::ofstream(root / "etc/fstab") << "LABEL=\x1b[2J\xe2\x80\xae /\\033[31m ext4\x9b defaults\x08\n";
  fs::create_directories(root / "usr/lib/modules/6.1\x1b[2J");
  const fs::path image = test::make_image(machine.path() / "image", 16 * mib);
  run_checked({{"mkfs.ext4", "-q", "-L", "a\x1b[2J\x9b", "-d", root.string(), image.string()}});
  const LoopDevice loop(image);
  machine.add_disk("vda", 16 * mib);
  machine.connect("vda", loop.path());
  const auto report = discover_disks(machine.options());
  REQUIRE(disk_named(report, "vda").content.system);
  for (const std::string& text : {to_text(report), to_json(report)}) {
    CHECK(text.find_first_of("\x1b\x07\x08") == std::string::npos);
    CHECK(text.find("\xe2\x80\xae") == std::string::npos);
    for (const char c : text) CHECK_FALSE((static_cast<unsigned char>(c) < 0x20 && c != '\n'));
  }
}

struct Crashed {
  std::string type;
  std::uint64_t size;  ///< bytes
  std::vector<std::string> mkfs;
  std::string care;  ///< what the report must say
};

TEST_CASE("a file system of a crashed machine is looked into, and keeps its bytes") {
  if (!test::can_mount()) return;
  const auto crashed = GENERATE(values<Crashed>({
      {"ext4", 64 * mib, {"mkfs.ext4", "-q"}, "its journal is not replayed: it was not unmounted cleanly"},
      {"xfs", 300 * mib, {"mkfs.xfs", "-q"}, "its log is not replayed: it was not unmounted cleanly"},
      {"btrfs", 128 * mib, {"mkfs.btrfs", "-q"}, "its log is not replayed: it was not unmounted cleanly"},
  }));
  INFO(crashed.type);
  Machine machine;
  const fs::path image = crash(machine.path(), crashed.type, crashed.size, crashed.mkfs);
  REQUIRE(plain_mount_writes(image, machine.path()));
  const auto before = sha256_of_file(image);
  machine.add_disk("vda", crashed.size);
  {
    const LoopDevice whole(image);
    machine.connect("vda", whole.path());
    const auto report = discover_disks(machine.options());
    const Content& content = disk_named(report, "vda").content;
    CHECK(content.type == crashed.type);
    REQUIRE(content.system);
    CHECK(content.system->name == "Debian GNU/Linux 11 (bullseye)");
    CHECK(content.care == std::vector{crashed.care});
    CHECK(content.next_command == "rescue mount vda");
  }
  CHECK(sha256_of_file(image) == before);
}

TEST_CASE("a btrfs with its root in a subvolume is found there, and the report says which") {
  if (!test::can_mount()) return;
  Machine machine;
  const fs::path image = test::make_image(machine.path() / "btrfs", 128 * mib);
  run_checked({{"mkfs.btrfs", "-q", image.string()}});
  const LoopDevice loop(image);
  const fs::path mount = machine.path() / "mount";
  fs::create_directories(mount);
  run_checked({{"mount", loop.path(), mount.string()}});
  run_checked({{"btrfs", "subvolume", "create", (mount / "@").string()}});
  test::make_debian_root(mount / "@");
  run_checked({{"umount", mount.string()}});
  machine.add_disk("vda", 128 * mib);
  machine.connect("vda", loop.path());
  const Content content = disk_named(discover_disks(machine.options()), "vda").content;
  REQUIRE(content.system);
  CHECK(content.system->subvolume == "@");
}

TEST_CASE("byte-for-byte clones are looked into one as the other, whatever their UUIDs say") {
  if (!test::can_mount()) return;
  const std::string type = GENERATE("xfs", "ext4", "btrfs");
  Machine machine;
  const fs::path image = test::make_image(machine.path() / "a", 300 * mib);
  run_checked({{"mkfs." + type, "-q", image.string()}});
  run_checked({{"cp", "--sparse=always", image.string(), (machine.path() / "b").string()}});
  const LoopDevice a(image), b(machine.path() / "b");
  for (const auto& [name, loop] : {std::pair("vda", &a), std::pair("vdb", &b)}) {
    machine.add_disk(name, 300 * mib);
    machine.connect(name, loop->path());
  }
  const auto report = discover_disks(machine.options());
  CHECK(disk_named(report, "vda").content.uuid == disk_named(report, "vdb").content.uuid);
  for (const char* name : {"vda", "vdb"}) {
    CHECK(disk_named(report, name).content.care.empty());
    CHECK(disk_named(report, name).content.size > 0);
  }
}

/// A folder whose files never answer: a FUSE file system that nobody serves.
class DeadFolder {
 public:
  explicit DeadFolder(const fs::path& path) : path_(path), fuse_(::open("/dev/fuse", O_RDWR | O_CLOEXEC)) {
    fs::create_directories(path_);
    const std::string options = "fd=" + std::to_string(fuse_.get()) + ",rootmode=40000,user_id=0,group_id=0";
    REQUIRE(::mount("dead", path_.c_str(), "fuse", MS_NODEV, options.c_str()) == 0);
  }
  ~DeadFolder() {
    fuse_.reset();
    ::umount2(path_.c_str(), MNT_DETACH);
  }

 private:
  fs::path path_;
  Fd fuse_;
};

TEST_CASE("a disk that does not answer costs its own time, and the others are read") {
  if (!test::can_mount() || ::access("/dev/fuse", R_OK | W_OK) != 0) return;
  Machine machine;
  const fs::path image = make_debian_disk(machine.path(), "original");
  const DeadFolder dead(machine.path() / "dead");
  for (int i = 0; i < 12; ++i) {
    const std::string name = std::string("vd") + static_cast<char>('a' + i);
    machine.add_disk(name, 24 * mib);
    machine.connect(name, i == 3 ? machine.path() / "dead/disk" : image);
  }
  DiscoverOptions options = machine.options();
  options.disk_deadline = std::chrono::milliseconds(1500);
  const auto begin = std::chrono::steady_clock::now();
  const auto report = discover_disks(options);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(4));
  for (const Disk& disk : report.disks) {
    INFO(disk.name);
    if (disk.name == "vdd")
      CHECK(disk.problem == "reading " + (machine.dev() / "vdd").string() + ": no answer within 1 seconds");
    else
      CHECK(disk.table == "gpt");
  }
}

TEST_CASE("all disks together have a limit, and those that were not read are told") {
  if (!test::can_mount() || ::access("/dev/fuse", R_OK | W_OK) != 0) return;
  Machine machine;
  const DeadFolder dead(machine.path() / "dead");
  for (const char* name : {"vda", "vdb"}) {
    machine.add_disk(name, mib);
    machine.connect(name, machine.path() / "dead/disk");
  }
  DiscoverOptions options = machine.options();
  options.disk_deadline = std::chrono::milliseconds(60'000);
  options.deadline = std::chrono::milliseconds(300);
  options.at_once = 1;
  const auto report = discover_disks(options);
  for (const Disk& disk : report.disks) CHECK(disk.problem == "it was not read: the time for all disks was over");
}

TEST_CASE("sixty-four disks are read, and the one with a Windows is the original") {
  Machine machine;
  lifeboat::replace_file(
      machine.path() / "windows",
      run_checked({{"xz", "--decompress", "--stdout", LIFEBOAT_SOURCE_DIR "/init/tests/data/windows-ntfs.img.xz"}}));
  const fs::path blank = test::make_image(machine.path() / "blank", 2 * mib);
  for (int i = 0; i < 64; ++i) {
    char name[8];
    std::snprintf(name, sizeof name, "xvd%d", i);
    machine.add_disk(name, 2 * mib);
    machine.connect(name, i == 41 ? machine.path() / "windows" : blank);
  }
  const auto report = discover_disks(machine.options());
  CHECK(report.disks.size() == 64);
  CHECK(report.original == "xvd41");
  CHECK(report.confidence == Confidence::certain);
  const Content& content = disk_named(report, "xvd41").content;
  CHECK(content.label == "System");
  CHECK(content.next_command == "mount -t ntfs-3g -o ro " + (machine.dev() / "xvd41").string() + " /mnt");
}

TEST_CASE("a recorded Nova rescue finds the original between its own disk and the config drive") {
  const Machine machine("nova-legacy");
  fs::create_directories(machine.path() / "config/openstack");
  run_checked({{"xorriso", "-as", "mkisofs", "-quiet", "-V", "config-2", "-R", "-J", "-o",
                (machine.path() / "cd").string(), (machine.path() / "config").string()}});
  fs::resize_file(machine.path() / "cd", 376832);                   // as recorded
  const fs::path image = make_debian_disk(machine.path(), "both");  // the original is a clone of the rescue image
  machine.connect("vda", image);
  machine.connect("vdb", image);
  machine.connect("sr0", machine.path() / "cd");
  DiscoverOptions options = machine.options();
  options.own_disk = "vda";
  const auto report = discover_disks(options);
  CHECK(disk_named(report, "vda").role == DiskRole::rescue_medium);
  CHECK(disk_named(report, "sr0").role == DiskRole::config_drive);
  CHECK(report.original == "vdb");
}

}  // namespace
}  // namespace lifeboat::init
