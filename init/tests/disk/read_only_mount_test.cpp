#include "init/sys/read_only_mount.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "builder/base/digest.hpp"
#include "builder/base/run.hpp"
#include "init/disk/look_inside.hpp"
#include "init/tests/disk/machine.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init {
namespace {

using test::LoopDevice;

bool is_read_only(const std::string& device) {
  const auto fd = open_file(device, O_RDONLY);
  REQUIRE(fd);
  int value = -1;
  REQUIRE(::ioctl(fd->get(), BLKROGET, &value) == 0);
  return value != 0;
}

struct DiskImage {
  TempDir folder{fs::temp_directory_path(), "lifeboat-mount-test"};
  fs::path image = test::make_debian_ext4(folder.path(), "disk");
};

/// A deleted file that some process still had open when the machine died: an inode without a name, on the orphan list.
void leave_orphan(const fs::path& image) {
  const auto debugfs = [&](const std::string& request) {
    return run_checked({{"debugfs", "-w", "-R", request, image.string()}});
  };
  const std::string written = debugfs("write /etc/hostname left");  // "Allocated inode: 18"
  const std::string inode = std::to_string(std::stoul(written.substr(written.find(": ") + 2)));
  debugfs("unlink left");
  debugfs("set_inode_field <" + inode + "> links_count 0");
  debugfs("set_super_value last_orphan " + inode);
}

Content looked_inside(const std::string& path) {
  const auto device = open_file(path, O_RDONLY);
  REQUIRE(device);
  Content content;
  content.type = "ext4";
  look_inside(*device, 0, path, content);
  return content;
}

TEST_CASE("a device is read-only while it is held, and afterwards what it was") {
  if (!test::can_mount()) return;
  const DiskImage disk;
  const LoopDevice loop(disk.image);
  {
    const auto held = ReadOnlyDevice::hold(loop.path());
    REQUIRE(held);
    CHECK(is_read_only(loop.path()));
  }
  CHECK_FALSE(is_read_only(loop.path()));
  run_checked({{"blockdev", "--setro", loop.path()}});
  { CHECK(ReadOnlyDevice::hold(loop.path())); }
  CHECK(is_read_only(loop.path()));
  run_checked({{"blockdev", "--setrw", loop.path()}});  // a loop device keeps it for its next file
}

TEST_CASE("a device that is mounted already is left alone") {
  if (!test::can_mount()) return;
  const DiskImage disk;
  const LoopDevice loop(disk.image);
  const auto root = mount_read_only(loop.path(), "ext4", "noload");
  REQUIRE(root);
  const auto held = ReadOnlyDevice::hold(loop.path());
  REQUIRE_FALSE(held);
  CHECK(held.error() == "opening " + loop.path() + ": Device or resource busy");
  CHECK_FALSE(is_read_only(loop.path()));
}

TEST_CASE("a file that is no block device is not mounted") {
  const DiskImage disk;
  const auto held = ReadOnlyDevice::hold(disk.image.string());
  REQUIRE_FALSE(held);
  CHECK(held.error() == "asking whether " + disk.image.string() + " is read-only: Inappropriate ioctl for device");
}

TEST_CASE("a mount that fails says what the kernel has against it") {
  if (!test::can_mount()) return;
  const TempDir folder(fs::temp_directory_path(), "lifeboat-mount-test");
  const LoopDevice loop(test::make_image(folder.path() / "empty", 1 << 20));
  const auto root = mount_read_only(loop.path(), "ext4", "noload");
  REQUIRE_FALSE(root);
  CHECK(root.error().starts_with("mounting " + loop.path() + " read-only: "));
  const auto strange = mount_read_only(loop.path(), "no-such-file-system", "");
  REQUIRE_FALSE(strange);
  CHECK(strange.error() == "mounting " + loop.path() + " read-only: this kernel has no driver for no-such-file-system");
}

TEST_CASE("a mount is seen in no namespace, cannot be written, and ends with its descriptor") {
  if (!test::can_mount()) return;
  const DiskImage disk;
  const LoopDevice loop(disk.image);
  {
    const auto root = mount_read_only(loop.path(), "ext4", "noload");
    REQUIRE(root);
    CHECK(lifeboat::read_file("/proc/self/mounts").find(loop.path()) == std::string::npos);
    CHECK(::openat(root->get(), "new", O_CREAT | O_WRONLY | O_CLOEXEC, 0600) == -1);
    CHECK(errno == EROFS);
    CHECK(read_file_inside(*root, "etc/os-release", 65536).value_or("").find("bullseye") != std::string::npos);
  }
  CHECK(ReadOnlyDevice::hold(loop.path()));  // nobody has it any more
}

TEST_CASE("an ext4 with files deleted while open keeps its bytes") {
  if (!test::can_mount()) return;
  const DiskImage disk;
  leave_orphan(disk.image);
  const auto before = sha256_of_file(disk.image);
  {
    const LoopDevice loop(disk.image);
    const Content content = looked_inside(loop.path());
    CHECK(content.system);
  }
  CHECK(sha256_of_file(disk.image) == before);
  {
    const LoopDevice loop(disk.image);  // and this is why the device is held: without, the same mount writes
    REQUIRE(mount_read_only(loop.path(), "ext4", "noload"));
  }
  CHECK(sha256_of_file(disk.image) != before);
}

TEST_CASE("only a regular file of a bounded size is read, and a pipe is not waited for") {
  const TempDir folder(fs::temp_directory_path(), "lifeboat-mount-test");
  REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
  lifeboat::replace_file(folder.path() / "file", "12345");
  const auto root = open_file(folder.path().string(), O_PATH | O_DIRECTORY);
  REQUIRE(root);
  CHECK(read_file_inside(*root, "file", 5).value_or("") == "12345");
  const auto error = [&](const char* name, std::size_t limit) { return read_file_inside(*root, name, limit).error(); };
  CHECK(error("file", 4) == "reading file: longer than 4 bytes");
  CHECK(error("pipe", 4) == "reading pipe: not a regular file");
  CHECK(error(".", 4) == "reading .: not a regular file");
  CHECK(error("none", 4) == "opening none: No such file or directory");
}

}  // namespace
}  // namespace lifeboat::init
