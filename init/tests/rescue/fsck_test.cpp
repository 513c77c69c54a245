#include "init/rescue/fsck.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "builder/base/digest.hpp"
#include "builder/base/run.hpp"
#include "init/rescue/device_use.hpp"
#include "init/sys/write_protection.hpp"
#include "init/tests/disk/machine.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init {
namespace {

const WriteProtection protection{[](const std::string& name) { return set_write_protection(name, false); },
                                 [](const std::string& name) { return set_write_protection(name, true); }};

/// A file system on a write-protected loop device.
struct Made {
  TempDir folder{fs::temp_directory_path(), "lifeboat-fsck-test"};
  fs::path image;
  std::unique_ptr<test::LoopDevice> loop;

  Made(std::vector<std::string> mkfs, std::uint64_t size) : image(test::make_image(folder.path() / "image", size)) {
    mkfs.push_back(image.string());
    run_checked({mkfs});
  }
  const std::string& attach() {
    loop = std::make_unique<test::LoopDevice>(image);
    REQUIRE(set_write_protection(name(), true));
    return loop->path();
  }
  std::string name() const { return loop->path().substr(loop->path().rfind('/') + 1); }
  bool is_protected() const {
    const auto fd = open_file(loop->path(), O_RDONLY);
    int value = 0;
    REQUIRE(fd);
    REQUIRE(::ioctl(fd->get(), BLKROGET, &value) == 0);
    return value != 0;
  }
  ~Made() {
    if (loop) static_cast<void>(set_write_protection(name(), false));  // a loop device keeps it for its next file
  }
};

Made make_ext4() { return {{"mkfs.ext4", "-q"}, 16 << 20}; }

void damage(const Made& made) { run_checked({{"debugfs", "-w", "-R", "clri <2>", made.image.string()}}); }

/// A count of links that is wrong: what e2fsck -p repairs by itself.
void damage_slightly(const Made& made) {
  run_checked({{"debugfs", "-w", "-R", "set_inode_field <11> links_count 5", made.image.string()}});
}

std::string words_of(const FsckVerdict& verdict) { return std::string(to_text(verdict.end)) + ": " + verdict.text; }

TEST_CASE("a file system without errors is clean, and not a byte of it is written") {
  if (!test::can_mount()) return;
  for (const std::vector<std::string>& mkfs : std::vector<std::vector<std::string>>{
           {"mkfs.ext4", "-q"}, {"mkfs.xfs", "-q"}, {"mkfs.btrfs", "-q"}, {"mkfs.fat"}}) {
    Made made(mkfs, std::uint64_t{320} << 20);
    CAPTURE(mkfs.front());
    const auto before = sha256_of_file(made.image);
    CHECK(words_of(check_device(made.attach(), {.yes = true, .ask = false}, protection)) == "clean: no errors");
    CHECK(made.is_protected());
    CHECK(sha256_of_file(made.image) == before);
  }
}

TEST_CASE("errors are found without writing, and nothing is repaired unless that was asked for") {
  if (!test::can_mount()) return;
  Made made = make_ext4();
  damage(made);
  const auto before = sha256_of_file(made.image);
  CHECK(words_of(check_device(made.attach(), {.yes = false, .ask = false}, protection)) ==
        "errors: it has errors, or a journal to replay. Nothing was written; --yes repairs it");
  CHECK(sha256_of_file(made.image) == before);
  CHECK(made.is_protected());
}

TEST_CASE("with --yes errors are repaired, the device's protection is lifted only meanwhile") {
  if (!test::can_mount()) return;
  for (const auto damages : {damage, damage_slightly}) {
    Made made = make_ext4();
    damages(made);
    CHECK(words_of(check_device(made.attach(), {.yes = true, .ask = false}, protection)) ==
          "repaired: errors were repaired");
    CHECK(made.is_protected());
    CHECK(words_of(check_device(made.loop->path(), {.yes = false, .ask = false}, protection)) == "clean: no errors");
  }
}

TEST_CASE("an ext4 whose journal has to be replayed is never called clean, and is repaired by that") {
  if (!test::can_mount()) return;
  Made made = make_ext4();
  const fs::path point = made.folder.path() / "mounted", copy = made.folder.path() / "copy";
  fs::create_directories(point);
  {
    const test::LoopDevice loop(made.image);
    REQUIRE(::mount(loop.path().c_str(), point.c_str(), "ext4", 0, nullptr) == 0);
    ::sync();
    fs::copy_file(made.image, copy);  // as a machine that dies leaves it
    REQUIRE(::umount(point.c_str()) == 0);
  }
  fs::rename(copy, made.image);
  const auto before = sha256_of_file(made.image);
  CHECK(words_of(check_device(made.attach(), {.yes = false, .ask = false}, protection)) ==
        "errors: its journal is not replayed: it was not unmounted cleanly. Nothing was written; --yes repairs it");
  CHECK(sha256_of_file(made.image) == before);
  CHECK(check_device(made.loop->path(), {.yes = true, .ask = false}, protection).end == FsckEnd::repaired);
  CHECK(words_of(check_device(made.loop->path(), {.yes = false, .ask = false}, protection)) == "clean: no errors");
}

TEST_CASE("an XFS whose log has to be replayed is left alone, and it is said how") {
  if (!test::can_mount()) return;
  Made made({"mkfs.xfs", "-q"}, std::uint64_t{320} << 20);
  const fs::path point = made.folder.path() / "mounted", copy = made.folder.path() / "copy";
  fs::create_directories(point);
  {
    const test::LoopDevice loop(made.image);
    REQUIRE(::mount(loop.path().c_str(), point.c_str(), "xfs", 0, nullptr) == 0);
    for (int i = 0; i < 100; ++i) lifeboat::replace_file(point / std::to_string(i), "x");
    ::sync();
    fs::copy_file(made.image, copy);  // as a machine that dies leaves it
    REQUIRE(::umount(point.c_str()) == 0);
  }
  fs::rename(copy, made.image);
  CHECK(words_of(check_device(made.attach(), {.yes = false, .ask = false}, protection)) ==
        "errors: it has errors, or a log to replay. Nothing was written; --yes repairs it");
  const auto before = sha256_of_file(made.image);
  const FsckVerdict verdict = check_device(made.loop->path(), {.yes = true, .ask = false}, protection);
  CHECK(verdict.end == FsckEnd::errors);
  CHECK(verdict.text.find("its log holds changes") == 0);
  CHECK(sha256_of_file(made.image) == before);
}

TEST_CASE("what is mounted, or has something on it, is not checked, and it is said who uses it") {
  if (!test::can_mount()) return;
  Made made = make_ext4();
  const fs::path point = made.folder.path() / "mounted";
  fs::create_directories(point);
  const std::string device = made.attach();
  REQUIRE(::mount(device.c_str(), point.c_str(), "ext4", MS_RDONLY, "noload") == 0);
  CHECK(device_users(device) == "it is mounted at " + point.string());
  const FsckVerdict verdict = check_device(device, {.yes = true, .ask = false}, protection);
  REQUIRE(::umount(point.c_str()) == 0);
  CHECK(words_of(verdict) == "failed: " + device + " cannot be taken: it is mounted at " + point.string() +
                                 "\nhint: `rescue umount` ends what `rescue mount` began");
  CHECK(device_users(device).empty());
}

TEST_CASE("what is no device, or holds nothing that can be checked, is named") {
  CHECK(check_device("/etc/passwd", {}, protection)
            .text.starts_with("/etc/passwd is no disk, partition or volume\nhint: "));
  CHECK(check_device("../etc", {}, protection).end == FsckEnd::failed);
  if (!test::can_mount()) return;
  const TempDir folder(fs::temp_directory_path(), "lifeboat-fsck-test");
  const test::LoopDevice loop(test::make_image(folder.path() / "empty", 1 << 20));
  CHECK(check_device(loop.path(), {}, protection).text == "there is no file system on it that is known");
  Made swap({"mkswap"}, 4 << 20);
  CHECK(check_device(swap.attach(), {}, protection).text == "a swap area has nothing to check");
}

TEST_CASE("the tools' exit statuses have the words of their manuals") {
  const auto judged = [](const char* type, int status, bool repairing) {
    return to_text(find_fsck_kind(type)->judge(status, repairing).end);
  };
  CHECK(judged("ext4", 0, false) == "clean");
  CHECK(judged("ext4", 1, true) == "repaired");
  CHECK(judged("ext4", 3, true) == "repaired");
  CHECK(judged("ext4", 4, false) == "errors");
  CHECK(judged("ext4", 5, true) == "errors");
  CHECK(judged("ext4", 8, false) == "failed");
  CHECK(judged("ext4", 12, false) == "errors");  // the dry run said no to what it cannot go on without
  CHECK(judged("ext4", 12, true) == "failed");
  CHECK(judged("ext4", 32, true) == "failed");
  CHECK(judged("xfs", 1, false) == "errors");
  CHECK(judged("xfs", 2, true) == "errors");
  CHECK(judged("xfs", 0, true) == "repaired");
  CHECK(judged("btrfs", 1, false) == "errors");
  CHECK(judged("vfat", 1, true) == "repaired");
  CHECK(judged("ntfs", 1, true) == "errors");
}

TEST_CASE("what would lose data is never run by itself") {
  for (const char* type : {"ext4", "ext3", "ext2", "xfs", "btrfs", "vfat", "ntfs"}) {
    const FsckKind* kind = find_fsck_kind(type);
    REQUIRE(kind != nullptr);
    for (const std::string_view options : {kind->dry, kind->safe, kind->all}) {
      CHECK(options.find("-L") == std::string_view::npos);
      CHECK(options.find("--repair") == std::string_view::npos);
    }
  }
  CHECK(find_fsck_kind("btrfs")->safe.empty());
  CHECK(find_fsck_kind("zfs_member") == nullptr);
  CHECK(fsck_words("/usr/sbin/xfs_repair", find_fsck_kind("xfs")->safe, "/dev/vda1") ==
        std::vector<std::string>{"/usr/sbin/xfs_repair", "/dev/vda1"});
}

}  // namespace
}  // namespace lifeboat::init
