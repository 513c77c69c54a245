// What is read of the system on the original disk.
#include "init/disk/original_file.hpp"

#include <sys/stat.h>

#include "builder/base/digest.hpp"
#include "builder/base/run.hpp"
#include "init/tests/disk/machine.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init {
namespace {

/// Debian with network files of all sorts on an ext4.
fs::path make_image(const fs::path& folder) {
  const fs::path root = test::make_debian_root(folder / "root");
  const fs::path network = root / "etc/network";
  fs::create_directories(network / "interfaces.d/folder");
  fs::create_directories(folder / "outside");
  lifeboat::replace_file(folder / "outside/secret", "of the rescue system");
  lifeboat::replace_file(network / "interfaces", "auto eth0\niface eth0 inet dhcp\n");
  lifeboat::replace_file(network / "interfaces.d/b", "second");
  lifeboat::replace_file(network / "interfaces.d/a", "first");
  lifeboat::replace_file(network / "interfaces.d/long", std::string(most_original_bytes + 1, 'x'));
  fs::create_symlink(folder / "outside/secret", network / "interfaces.d/link-out");
  fs::create_symlink("../../../../../../../../etc/hostname", network / "interfaces.d/link-up");
  fs::create_symlink("/etc/network/interfaces", network / "interfaces.d/link-inside");
  fs::create_symlink("/etc/network", root / "etc/sysconfig");
  REQUIRE(::mkfifo((network / "interfaces.d/pipe").c_str(), 0600) == 0);
  fs::path image = test::make_image(folder / "image", 16 << 20);
  run_checked({{"mkfs.ext4", "-q", "-d", root.string(), image.string()}});
  return image;
}

DiskReport report_of(const std::string& path) {
  Disk disk;
  disk.name = "vda";
  disk.path = path;
  disk.content.type = "ext4";
  disk.content.system.emplace().kind = "linux";
  DiskReport report;
  report.disks = {disk};
  report.original = disk.name;
  return report;
}

using Files = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("the original's files are read in order, without links out of its root, pipes, folders and long ones") {
  if (!test::can_mount()) return;
  const TempDir folder(fs::temp_directory_path(), "lifeboat-original-test");
  const fs::path image = make_image(folder.path());
  const auto before = sha256_of_file(image);
  {
    const test::LoopDevice loop(image);
    const auto files = read_original_files(
        report_of(loop.path()),
        {"etc/network/interfaces", "etc/network/interfaces.d", "etc/netplan", "etc/sysconfig/interfaces.d/b"});
    REQUIRE(files);
    const std::string interfaces = "auto eth0\niface eth0 inet dhcp\n";
    CHECK(*files == Files{{"etc/network/interfaces", interfaces},
                          {"etc/network/interfaces.d/a", "first"},
                          {"etc/network/interfaces.d/b", "second"},
                          {"etc/network/interfaces.d/link-inside", interfaces},
                          {"etc/sysconfig/interfaces.d/b", "second"}});
    CHECK(read_original_file(report_of(loop.path()), "etc/network/interfaces.d/a", 5).value_or("") == "first");
  }
  CHECK(sha256_of_file(image) == before);
}

TEST_CASE("of a folder with very many files only so many are read") {
  if (!test::can_mount()) return;
  const TempDir folder(fs::temp_directory_path(), "lifeboat-original-test");
  const fs::path root = test::make_debian_root(folder.path() / "root");
  fs::create_directories(root / "etc/netplan");
  for (int i = 0; i < 200; ++i) lifeboat::replace_file(root / "etc/netplan" / std::to_string(i), "x");
  const fs::path image = test::make_image(folder.path() / "image", 16 << 20);
  run_checked({{"mkfs.ext4", "-q", "-d", root.string(), image.string()}});
  const test::LoopDevice loop(image);
  const auto files = read_original_files(report_of(loop.path()), {"etc/netplan"});
  REQUIRE(files);
  CHECK(files->size() == most_original_files);
}

TEST_CASE("without an original disk, or a Linux on it, there are no files and it is said why") {
  CHECK(read_original_files({}, {"etc"}).error() == "no original disk was found");
  DiskReport report = report_of("/dev/vda");
  report.disks.front().content.system.reset();
  CHECK(read_original_files(report, {"etc"}).error() == "no Linux that can be read as it is was found on /dev/vda");
}

}  // namespace
}  // namespace lifeboat::init
