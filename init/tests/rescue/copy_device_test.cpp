// rescue copy with the real rsync and ddrescue, on loop devices and folders.
#include "init/rescue/copy_device.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "builder/base/digest.hpp"
#include "builder/base/run.hpp"
#include "init/rescue/copy.hpp"
#include "init/rescue/copy_command.hpp"
#include "init/rescue/copy_target.hpp"
#include "init/sys/write_protection.hpp"
#include "init/tests/disk/machine.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init {
namespace {

const WriteProtection protection{[](const std::string& name) { return set_write_protection(name, false); },
                                 [](const std::string& name) { return set_write_protection(name, true); }};
constexpr std::uint64_t mebibyte = 1 << 20;

struct Copying {
  TempDir folder{fs::temp_directory_path(), "lifeboat-copy-test"};
  fs::path at(const std::string& name) const { return folder.path() / name; }
};

/// `size` bytes that repeat nowhere.
fs::path make_noise(const fs::path& path, std::uint64_t size) {
  std::string text;
  for (std::uint64_t i = 0; text.size() < size; ++i) text += "block " + std::to_string(i) + "\n";
  lifeboat::replace_file(path, text.substr(0, size));
  return path;
}

bool is_protected(const std::string& path) {
  const auto fd = open_file(path, O_RDONLY);
  int value = 0;
  REQUIRE(fd);
  REQUIRE(::ioctl(fd->get(), BLKROGET, &value) == 0);
  return value != 0;
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// A write-protected loop device.
struct Protected {
  test::LoopDevice loop;
  explicit Protected(const fs::path& file) : loop(file) { REQUIRE(set_write_protection(name_of(loop.path()), true)); }
  ~Protected() { static_cast<void>(set_write_protection(name_of(loop.path()), false)); }
};

TEST_CASE("a device is copied whole to a file, and the same command again leaves it as it is") {
  if (!test::can_mount()) return;
  const Copying made;
  const test::LoopDevice source(make_noise(made.at("disk"), mebibyte));
  const CopyWish wish{source.path(), made.at("copy.img").string(), false};
  CHECK(copy_device(wish, protection) == 0);
  CHECK(sha256_of_file(made.at("copy.img")) == sha256_of_file(made.at("disk")));
  CHECK(fs::exists(made.at("copy.img.map")));
  CHECK(copy_device(wish, protection) == 0);
  CHECK(sha256_of_file(made.at("copy.img")) == sha256_of_file(made.at("disk")));
}

TEST_CASE("a folder as the target takes the copy under the device's name") {
  if (!test::can_mount()) return;
  const Copying made;
  const test::LoopDevice source(make_noise(made.at("disk"), mebibyte));
  CHECK(copy_device({source.path(), made.folder.path().string(), false}, protection) == 0);
  CHECK(sha256_of_file(made.at(name_of(source.path()) + ".img")) == sha256_of_file(made.at("disk")));
}

/// Read past the cache, a loop device says EIO for what its file does not have any more.
void read_past_cache(const test::LoopDevice& loop) {
  const auto fd = open_file(loop.path(), O_RDWR);
  REQUIRE(fd);
  REQUIRE(::ioctl(fd->get(), LOOP_SET_DIRECT_IO, 1UL) == 0);
}

TEST_CASE("what cannot be read is left out, the rest is copied; the same command later gets what can be read then") {
  if (!test::can_mount()) return;
  const Copying made;
  const test::LoopDevice source(make_noise(made.at("disk"), mebibyte));
  read_past_cache(source);
  const CopyWish wish{source.path(), made.at("copy.img").string(), false};
  const std::string whole = lifeboat::read_file(made.at("disk"));
  fs::resize_file(made.at("disk"), mebibyte / 2);
  CHECK(copy_device(wish, protection) == 1);
  const std::string copy = lifeboat::read_file(made.at("copy.img"));
  CHECK(copy.substr(0, mebibyte / 2) == whole.substr(0, mebibyte / 2));
  CHECK(copy.find_first_not_of('\0', mebibyte / 2) == std::string::npos);
  const auto map = parse_rescue_map(lifeboat::read_file(made.at("copy.img.map")));
  REQUIRE(map);
  CHECK(*map == RescueMap{.copied = mebibyte / 2, .bad = mebibyte / 2, .bad_areas = 1, .left = 0});
  fs::resize_file(made.at("disk"), mebibyte);
  test::poke(made.at("disk"), 0, whole);
  CHECK(copy_device(wish, protection) == 0);
  CHECK(lifeboat::read_file(made.at("copy.img")) == whole);
}

TEST_CASE("a device is overwritten only with --yes, and its write protection is lifted only meanwhile") {
  if (!test::can_mount()) return;
  const Copying made;
  const test::LoopDevice source(make_noise(made.at("disk"), mebibyte));
  const Protected target(test::make_image(made.at("target"), 2 * mebibyte));
  const auto before = sha256_of_file(made.at("target"));
  if (::access("/dev/tty", R_OK) != 0 || !open_file("/dev/tty", O_RDWR))  // else it would ask whoever runs the test
    CHECK(copy_device({source.path(), target.loop.path(), false}, protection) == 1);
  CHECK(sha256_of_file(made.at("target")) == before);
  CHECK(copy_device({source.path(), target.loop.path(), true}, protection) == 0);
  CHECK(is_protected(target.loop.path()));
  CHECK(lifeboat::read_file(made.at("target")).substr(0, mebibyte) == lifeboat::read_file(made.at("disk")));
}

TEST_CASE("a target that is too small, in use, or lies on the source is refused without a write") {
  if (!test::can_mount()) return;
  const Copying made;
  const test::LoopDevice source(make_noise(made.at("disk"), 2 * mebibyte));
  const test::LoopDevice small(test::make_image(made.at("small"), mebibyte));
  const test::LoopDevice used(test::make_image(made.at("used"), 4 * mebibyte));
  CHECK(copy_device({source.path(), small.path(), true}, protection) == 1);
  CHECK(copy_device({source.path(), source.path(), true}, protection) == 1);
  for (const char* mistyped : {"loup7", "/dev/loup7"}) {
    CHECK(copy_device({source.path(), mistyped, true}, protection) == 1);
    CHECK_FALSE(fs::exists(mistyped));
  }
  const test::LoopDevice user(used.path());
  CHECK(copy_device({source.path(), used.path(), true}, protection) == 1);
  for (const char* name : {"small", "used"})
    CHECK(lifeboat::read_file(made.at(name)).find_first_not_of('\0') == std::string::npos);
}

TEST_CASE("the original, what belongs to it, and the own medium are never a target") {
  if (!test::can_mount()) return;
  const Copying made;
  const test::LoopDevice loop(test::make_image(made.at("disk"), mebibyte));
  const std::string name = name_of(loop.path());
  const auto original = take_target(loop.path(), 512, {{"vdz", name}, ""});
  REQUIRE_FALSE(original);
  CHECK(original.error().find("is the original disk") != std::string::npos);
  const auto own = take_target(name, 512, {{}, name});
  REQUIRE_FALSE(own);
  CHECK(own.error().find("the medium that this rescue system runs from") != std::string::npos);
  CHECK(take_target(name, 512, {{"vdz"}, "vdy"}));
}

TEST_CASE("a file on the disk that is to be copied is refused, and one without room, with what there is") {
  if (!test::can_mount()) return;
  const Copying made;
  const test::LoopDevice loop(test::make_image(made.at("disk"), 8 * mebibyte));
  lifeboat::run_checked({{"mkfs.ext4", "-q", loop.path()}});
  fs::create_directory(made.at("mnt"));
  lifeboat::run_checked({{"mount", loop.path(), made.at("mnt")}});
  const std::string folder = made.at("mnt").string();
  const Status same = check_target_folder(folder, 512, 0, {name_of(loop.path())});
  const Status large = check_target_folder(folder, 64 * mebibyte, 0, {"vdz"});
  const Status fits = check_target_folder(folder, mebibyte, 0, {"vdz"});
  lifeboat::run_checked({{"mount", "-o", "remount,ro", folder}});
  const Status read_only = check_target_folder(folder, 512, 0, {"vdz"});
  lifeboat::run_checked({{"umount", folder}});
  CHECK(fits);
  REQUIRE_FALSE(same);
  CHECK(same.error().find("the disk that is to be copied") != std::string::npos);
  REQUIRE_FALSE(large);
  CHECK(large.error().find("has room for ") != std::string::npos);
  CHECK(large.error().find("the copy needs 64.0 MiB") != std::string::npos);
  REQUIRE_FALSE(read_only);
  CHECK(read_only.error().find("mounted read-only") != std::string::npos);
}

TEST_CASE("files that do not fit into memory are refused, and the way to another machine is shown") {
  if (!test::can_mount()) return;
  const Copying made;
  make_noise(made.at("large"), 3 * mebibyte);
  fs::create_directory(made.at("memory"));
  lifeboat::run_checked({{"mount", "-t", "tmpfs", "-o", "size=2m", "none", made.at("memory")}});
  const Status large = check_tree_room(made.at("large").string(), made.at("memory").string());
  make_noise(made.at("small"), mebibyte);
  const Status small = check_tree_room(made.at("small").string(), (made.at("memory") / "new" / "folder").string());
  lifeboat::run_checked({{"umount", made.at("memory")}});
  REQUIRE_FALSE(large);
  CHECK(large.error().find("lies in this machine's memory and has room for 2.0 MiB") != std::string::npos);
  CHECK(large.error().find("user@host:/path") != std::string::npos);
  CHECK(small);
}

int copy(const std::vector<std::string>& words) {
  const std::vector<std::string_view> views(words.begin(), words.end());
  return run_copy_command(views);
}

TEST_CASE("folders are copied with links and modes, by rsync; into themselves they are not") {
  const Copying made;
  fs::create_directories(made.at("from") / "sub");
  make_noise(made.at("from") / "a", 1000);
  fs::create_hard_link(made.at("from") / "a", made.at("from") / "sub" / "b");
  fs::permissions(made.at("from") / "a", fs::perms::owner_all);
  const std::string from = made.at("from").string();
  CHECK(copy({from, made.at("to").string()}) == 0);
  CHECK(fs::hard_link_count(made.at("to") / "from" / "a") == 2);
  CHECK(fs::status(made.at("to") / "from" / "sub" / "b").permissions() == fs::perms::owner_all);
  CHECK(copy({from, from + "/sub"}) == 1);
  CHECK_FALSE(fs::exists(made.at("from") / "sub" / "from"));
  CHECK(copy({made.at("nothing").string(), made.at("to").string()}) == 1);
  CHECK(copy({from}) == 2);
}

}  // namespace
}  // namespace lifeboat::init
