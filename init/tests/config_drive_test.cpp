#include "init/source/config_drive.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "init/source/config_drive_search.hpp"
#include "init/source/superblock.hpp"
#include "init/sys/mount.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::run_checked;
using lifeboat::TempDir;

namespace {

std::string make_iso(const TempDir& folder, const std::string& label) {
  const std::string content = (folder.path() / "content").string(), file = (folder.path() / "drive.iso").string();
  REQUIRE(make_folders(content + "/openstack/latest"));
  REQUIRE(write_file(content + "/openstack/latest/meta_data.json", "{}"));
  run_checked({.argv = {"xorriso", "-as", "mkisofs", "-quiet", "-V", label, "-R", "-J", "-o", file, content}});
  return file;
}

std::string make_vfat(const TempDir& folder, const std::string& bits, const std::string& label) {
  const std::string file = (folder.path() / ("fat" + bits)).string();
  REQUIRE(write_file(file, ""));
  REQUIRE(::truncate(file.c_str(), off_t{64} << 20) == 0);
  run_checked({.argv = {"mkfs.vfat", "-F", bits, "-n", label, file}});
  return file;
}

std::string label_of(const std::string& file) {
  const auto volume = read_volume_label(file);
  REQUIRE(volume);
  return *volume ? (*volume)->type + ":" + (*volume)->label : "none";
}

/// A folder as a config drive is mounted.
std::string mounted(const TempDir& folder) {
  REQUIRE(make_folders(folder.path().string() + "/openstack/latest"));
  return folder.path().string() + "/openstack/latest/meta_data.json";
}

std::string why_not(const TempDir& folder) {
  const auto findings = read_config_drive_folder(folder.path().string());
  return findings ? "it was read" : findings.error();
}

}  // namespace

TEST_CASE("the label is read from what xorriso and mkfs.vfat write") {
  const TempDir folder("/tmp", "labels");
  CHECK(label_of(make_iso(folder, "config-2")) == "iso9660:config-2");
  CHECK(label_of(make_iso(folder, "CONFIG-2")) == "iso9660:CONFIG-2");
  for (const char* bits : {"12", "16", "32"}) CHECK(label_of(make_vfat(folder, bits, "CONFIG-2")) == "vfat:CONFIG-2");
}

TEST_CASE("a FAT label that was changed later is the one of the root directory") {
  const TempDir folder("/tmp", "labels");
  const std::string file = make_vfat(folder, "32", "OLD");
  run_checked({.argv = {"fatlabel", file, "CONFIG-2"}});
  const int fd = ::open(file.c_str(), O_WRONLY);
  REQUIRE(fd >= 0);
  REQUIRE(::pwrite(fd, "STALE      ", 11, 0x47) == 11);  // the boot sector's copy, which other tools leave behind
  ::close(fd);
  CHECK(label_of(file) == "vfat:CONFIG-2");
}

TEST_CASE("anything else has no label, at any length") {
  const TempDir folder("/tmp", "labels");
  const std::string file = (folder.path() / "file").string();
  for (std::size_t size : {0, 511, 512, 32768, 32800, 40000}) {
    REQUIRE(write_file(file, std::string(size, '\xff')));
    CHECK(label_of(file) == "none");
  }
  const std::string fat = make_vfat(folder, "16", "CONFIG-2");
  REQUIRE(::truncate(fat.c_str(), 512) == 0);  // cut off behind the boot sector
  CHECK(label_of(fat) == "vfat:CONFIG-2");
}

TEST_CASE("a config drive is told by its label in any case, and by nothing else") {
  const TempDir folder("/tmp", "labels");
  CHECK(*is_config_drive(make_vfat(folder, "16", "CONFIG-2")));
  CHECK(*is_config_drive(make_iso(folder, "config-2")));
  CHECK_FALSE(*is_config_drive(make_iso(folder, "config-20")));
  CHECK_FALSE(*is_config_drive(make_iso(folder, "cidata")));
  CHECK_FALSE(is_config_drive((folder.path() / "missing").string()));
}

TEST_CASE("meta_data.json is read from the drive's folder") {
  const TempDir folder("/tmp", "drive");
  REQUIRE(write_file(mounted(folder), R"({"admin_pass":"abc","hostname":"h"})"));
  const auto findings = read_config_drive_folder(folder.path().string());
  REQUIRE(findings);
  CHECK(findings->password.view() == "abc");
  CHECK(findings->hostname == "h");
}

TEST_CASE("a drive that would lead elsewhere, block or flood is refused with the reason") {
  const TempDir folder("/tmp", "drive");
  const std::string file = mounted(folder);
  CHECK(why_not(folder) == "opening openstack/latest/meta_data.json: No such file or directory");
  REQUIRE(::symlink("/etc/passwd", file.c_str()) == 0);
  CHECK(why_not(folder) == "opening openstack/latest/meta_data.json: Too many levels of symbolic links");
  REQUIRE(::unlink(file.c_str()) == 0);
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  CHECK(why_not(folder) == "openstack/latest/meta_data.json: not a plain file");
  REQUIRE(::unlink(file.c_str()) == 0);
  REQUIRE(::mkdir(file.c_str(), 0700) == 0);
  CHECK(why_not(folder) == "openstack/latest/meta_data.json: not a plain file");
  REQUIRE(::rmdir(file.c_str()) == 0);
  REQUIRE(write_file(file, std::string((1 << 20) + 1, ' ')));
  CHECK(why_not(folder) == "openstack/latest/meta_data.json: larger than 1 MiB");
  REQUIRE(write_file(file, std::string((1 << 20) - 2, ' ') + "{}"));
  CHECK(why_not(folder) == "it was read");
}

namespace {

/// A machine whose disks are files.
struct Bench {
  TempDir folder{"/tmp", "search"};
  std::unique_ptr<Loop> loop = std::move(*Loop::create());
  std::string sysfs = (folder.path() / "block").string(), dev = (folder.path() / "dev").string();
  ConfigDriveSearch search{*loop, ConfigDriveOptions{.block_devices = sysfs,
                                                     .device_folder = dev,
                                                     .hash_password = [](const Secret&) { return std::string("hash"); },
                                                     .load_module = [](const std::string&) {},
                                                     .device_limit = Milliseconds(5000),
                                                     .wait_for_devices = Milliseconds(50)}};
  Bench() {
    REQUIRE(make_folders(sysfs));
    REQUIRE(make_folders(dev));
  }
  void add_disk(const std::string& name, const std::string& content) const {
    REQUIRE(make_folders(sysfs + "/" + name));
    REQUIRE(write_file(dev + "/" + name, content));
  }
  bool settle() {
    search.start();
    return loop->run_until([this] { return search.settled(); }, Milliseconds(10000));
  }
};

}  // namespace

TEST_CASE("a machine without disks is told so") {
  Bench bench;
  REQUIRE(bench.settle());
  CHECK_FALSE(bench.search.answer());
  CHECK(bench.search.reason() == "config drive: this machine has no disk or CD at all");
}

TEST_CASE("without a config drive the devices that were looked at are named, and those that cannot be one are not") {
  Bench bench;
  bench.add_disk("vda", std::string(65536, 'x'));
  bench.add_disk("sr0", "");
  bench.add_disk("loop0", "");
  bench.add_disk("ram0", "");
  bench.add_disk("dm-0", "");
  REQUIRE(bench.settle());
  CHECK(bench.search.reason() == "config drive: no disk or CD is labelled config-2 (looked at sr0, vda)");
  CHECK(bench.search.problems().empty());
}

TEST_CASE("a config drive that cannot be mounted is a problem with the device's name") {
  Bench bench;
  const TempDir images("/tmp", "images");
  bench.add_disk("sr0", "");
  std::filesystem::copy_file(make_iso(images, "config-2"), bench.dev + "/sr0",
                             std::filesystem::copy_options::overwrite_existing);
  REQUIRE(bench.settle());
  CHECK_FALSE(bench.search.answer());
  REQUIRE(bench.search.problems().size() == 1);
  CHECK(bench.search.problems().front().starts_with("config drive " + bench.dev + "/sr0: "));
}

TEST_CASE("a disk that comes late is waited for and looked at") {
  Bench bench;
  bench.search.start();
  CHECK_FALSE(bench.search.settled());
  bench.add_disk("sdb", "");
  bench.search.look_at("sdb");
  REQUIRE(bench.loop->run_until([&] { return bench.search.settled(); }, Milliseconds(10000)));
  CHECK(bench.search.reason() == "config drive: no disk or CD is labelled config-2 (looked at sdb)");
}
