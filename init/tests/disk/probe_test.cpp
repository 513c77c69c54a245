#include "init/disk/probe.hpp"

#include <fcntl.h>

#include <fstream>

#include "builder/base/run.hpp"
#include "init/disk/examine.hpp"
#include "init/tests/disk/machine.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init {
namespace {

using test::make_image;
using test::mib;
using test::poke;

struct Folder {
  TempDir temporary{fs::temp_directory_path(), "lifeboat-probe-test"};
  fs::path operator/(const std::string& name) const { return temporary.path() / name; }
};

void partition(const fs::path& image, const std::string& script) {
  Command sfdisk{{"sfdisk", "--quiet", image.string()}};
  sfdisk.input = script;
  run_checked(sfdisk);
}

/// As a worker reads it.
Disk read_image(const fs::path& image) {
  Disk disk;
  disk.name = "vda";
  disk.path = image.string();
  disk.size = fs::file_size(image);
  read_disk(disk, "/dev");
  return disk;
}

Content content_of(const fs::path& image) {
  const auto device = open_file(image.string(), O_RDONLY);
  REQUIRE(device);
  return probe_content(*device, 0, fs::file_size(image));
}

TEST_CASE("a GPT is read with its disk GUID, and each partition's type, name and PARTUUID") {
  const Folder folder;
  const fs::path image = make_image(folder / "disk", 64 * mib);
  partition(image,
            "label: gpt\nlabel-id: 5E8D1C0A-9B7F-4E35-8B0E-1F2D3C4B5A69\n"
            "start=2048, size=2048, type=21686148-6449-6E6F-744E-656564454649, attrs=LegacyBIOSBootable\n"
            "start=4096, size=32768, type=L, name=\"the root\", uuid=0A1B2C3D-4E5F-4061-8273-8495A6B7C8D9\n");
  test::put_into(image, test::make_debian_ext4(folder.temporary.path(), "root"), 2 * mib);
  const Disk disk = read_image(image);
  CHECK(disk.problem.empty());
  CHECK(disk.table == "gpt");
  CHECK(disk.table_id == "5e8d1c0a-9b7f-4e35-8b0e-1f2d3c4b5a69");
  REQUIRE(disk.partitions.size() == 2);
  CHECK(disk.partitions[0].type_name == "BIOS boot");
  CHECK(disk.partitions[0].active);
  CHECK(disk.partitions[0].content.type.empty());
  const Partition& root = disk.partitions[1];
  CHECK(root.number == 2);
  CHECK(root.start == 2 * mib);
  CHECK(root.size == 16 * mib);
  CHECK(root.type == "0fc63daf-8483-4772-8e79-3d69d8477de4");
  CHECK(root.label == "the root");
  CHECK(root.uuid == "0a1b2c3d-4e5f-4061-8273-8495a6b7c8d9");
  CHECK_FALSE(root.active);
  CHECK(root.content.type == "ext4");
  CHECK(root.content.usage == "filesystem");
  CHECK(root.content.label == "debian-root");
  CHECK(root.content.uuid.size() == 36);
}

TEST_CASE("an MBR is read with its disk signature, its active partition and its logical ones") {
  const Folder folder;
  const fs::path image = make_image(folder / "disk", 64 * mib);
  partition(image,
            "label: dos\nlabel-id: 0xe9eb3aa5\nstart=2048, size=20480, type=83, bootable\n"
            "start=22528, size=100000, type=5\nstart=24576, size=20480, type=82\nstart=47104, size=20480, type=8e\n");
  const Disk disk = read_image(image);
  CHECK(disk.table == "dos");
  CHECK(disk.table_id == "e9eb3aa5");
  REQUIRE(disk.partitions.size() == 4);
  CHECK(disk.partitions[0].active);
  CHECK(disk.partitions[0].type == "0x83");
  CHECK(disk.partitions[1].type_name == "extended");
  CHECK(disk.partitions[2].number == 5);
  CHECK(disk.partitions[2].type_name == "Linux swap");
  CHECK(disk.partitions[3].start == 47104 * 512);
  CHECK(disk.partitions[3].uuid == "e9eb3aa5-06");
  CHECK_FALSE(disk.partitions[3].active);
}

TEST_CASE("a partition that the kernel has no device for is told") {
  const Folder folder;
  const fs::path image = make_image(folder / "disk", 64 * mib);
  partition(image, "label: gpt\nstart=2048, size=2048\n");
  const Disk disk = read_image(image);
  REQUIRE(disk.partitions.size() == 1);
  CHECK(disk.partitions[0].name.empty());
  CHECK(disk.partitions[0].content.care == std::vector<std::string>{"the kernel has made no device for it"});
}

TEST_CASE("what fills a whole disk is recognised by its superblock") {
  const Folder folder;
  const fs::path swap = make_image(folder / "swap", 8 * mib);
  run_checked({{"mkswap", "--label", "swapfs", swap.string()}});
  CHECK(content_of(swap).type == "swap");
  CHECK(content_of(swap).label == "swapfs");

  const fs::path fat = make_image(folder / "fat", 40 * mib);
  run_checked({{"mkfs.vfat", "-n", "CONFIG-2", fat.string()}});
  CHECK(content_of(fat).type == "vfat");
  CHECK(content_of(fat).label == "CONFIG-2");

  fs::create_directories(folder / "config/openstack");
  run_checked({{"xorriso", "-as", "mkisofs", "-quiet", "-V", "config-2", "-R", "-J", "-o", (folder / "cd").string(),
                (folder / "config").string()}});
  CHECK(content_of(folder / "cd").type == "iso9660");
  CHECK(content_of(folder / "cd").label == "config-2");

  const Content nothing = content_of(make_image(folder / "nothing", 8 * mib));
  CHECK(nothing == Content{});
}

TEST_CASE("a file system beside a partition table is an old trace, not the disk's content") {
  const Folder folder;
  const fs::path image = make_image(folder / "disk", 64 * mib);
  run_checked({{"mkswap", image.string()}});
  partition(image, "label: gpt\nstart=20480, size=2048\n");
  CHECK(read_image(image).content.type.empty());
}

TEST_CASE("control characters in labels reach nobody's terminal") {
  const Folder folder;
  const fs::path image = make_image(folder / "disk", 8 * mib);
  run_checked({{"mkfs.ext4", "-q", "-L", "a\x1b[2Jb\n", image.string()}});
  CHECK(content_of(image).label == "a\\x1b[2Jb");
}

TEST_CASE("signatures that contradict each other are told, and none is believed") {
  const Folder folder;
  const fs::path image = make_image(folder / "disk", 300 * mib);
  run_checked({{"mkfs.xfs", "-q", image.string()}});
  std::string xfs(512, '\0');
  std::ifstream(image, std::ios::binary).read(xfs.data(), 512);
  run_checked({{"mkfs.ext4", "-q", "-F", image.string()}});  // it begins 1024 bytes later
  poke(image, 0, xfs);
  const Content content = content_of(image);
  CHECK(content.type.empty());
  CHECK(content.care ==
        std::vector<std::string>{"it carries signatures of several file systems: look with wipefs --no-act"});
}

TEST_CASE("an extended partition that points at itself ends, and what was found before counts") {
  const Folder folder;
  const fs::path image = make_image(folder / "disk", 64 * mib);
  partition(
      image,
      "label: dos\nstart=2048, size=2048, type=83\nstart=4096, size=40960, type=5\nstart=6144, size=2048, type=83\n");
  // The second entry of the first extended boot record links to the next one, relative to the extended partition: 0 is
  // itself.
  const std::string link("\0\0\0\0\x05\0\0\0\0\0\0\0\0\x08\0\0", 16);
  poke(image, 4096 * 512 + 446 + 16, link);
  const Disk disk = read_image(image);
  CHECK(disk.problem.empty());
  REQUIRE(disk.partitions.size() >= 3);
  CHECK(disk.partitions.size() <= 256);
  CHECK(disk.partitions[2].number == 5);
}

TEST_CASE("a partition that lies beyond the end of the disk is told") {
  const Folder folder;
  const fs::path image = make_image(folder / "disk", 64 * mib);
  partition(image, "label: dos\nstart=2048, size=100000, type=83\n");
  fs::resize_file(image, 16 * mib);
  const Disk disk = read_image(image);
  REQUIRE(disk.partitions.size() == 1);
  CHECK(disk.partitions[0].content.care.front() == "it lies beyond the end of the disk");
}

TEST_CASE("a disk that cannot be opened is told") {
  CHECK_THAT(([] {
               Disk disk;
               disk.path = "/nonexistent/vda";
               read_disk(disk, "/dev");
               return disk.problem;
             }()),
             Catch::Equals("opening /nonexistent/vda: No such file or directory"));
}

// Superblock fields, from linux/fs/ext4/ext4.h, as debugfs sets them.
std::vector<std::string> care_of_ext4(const std::vector<std::string>& options,
                                      const std::vector<std::string>& debugfs) {
  const Folder folder;
  const fs::path image = make_image(folder / "disk", 8 * mib);
  std::vector<std::string> mkfs = {"mkfs.ext4", "-q"};
  mkfs.insert(mkfs.end(), options.begin(), options.end());
  mkfs.push_back(image.string());
  run_checked({mkfs});
  for (const std::string& request : debugfs) run_checked({{"debugfs", "-w", "-R", request, image.string()}});
  return content_of(image).care;
}

TEST_CASE("ext4 tells a journal that is not replayed, recorded errors and orphans") {
  using Lines = std::vector<std::string>;
  CHECK(care_of_ext4({}, {}).empty());
  CHECK(care_of_ext4({}, {"feature needs_recovery"}) ==
        Lines{"its journal is not replayed: it was not unmounted cleanly"});
  CHECK(care_of_ext4({}, {"set_super_value state 3", "set_super_value error_count 7"}) ==
        Lines{"the kernel has found errors in it (7 counted)"});
  CHECK(care_of_ext4({"-O", "^has_journal"}, {"set_super_value state 0"}) == Lines{"it was not unmounted cleanly"});
  CHECK(care_of_ext4({}, {"set_super_value last_orphan 12"}) ==
        Lines{"files deleted while open are still on it: even a read-only mount frees them"});
}

TEST_CASE("ext4 tells its first error, its mount count and features that are too new") {
  using Lines = std::vector<std::string>;
  CHECK(care_of_ext4({}, {"set_super_value state 3", "set_super_value error_count 2",
                          "set_super_value first_error_time 20240301123005",
                          "set_super_value first_error_func ext4_find_entry"}) ==
        Lines{"the kernel has found errors in it (2 counted; the first 2024-03-01 12:30:05 UTC in ext4_find_entry)"});
  CHECK(care_of_ext4({}, {"set_super_value mnt_count 29", "set_super_value max_mnt_count 30"}).empty());
  CHECK(care_of_ext4({}, {"set_super_value mnt_count 31", "set_super_value max_mnt_count 30"}) ==
        Lines{"it was mounted 31 times since its last check, its limit is 30"});
  const Lines care = care_of_ext4({}, {"set_super_value feature_incompat 0x802c2"});
  REQUIRE(care.size() == 2);
  CHECK(care[0].starts_with("its ext4 feature incompat:0x80000 is not known: this kernel ("));
  CHECK(care[1].starts_with("its ext4 feature incompat:0x80000 is not known: e2fsprogs 1.47 "));
}

TEST_CASE("a file system that is larger than its device is told") {
  const Folder folder;
  struct Row {
    std::string type;
    std::vector<std::string> mkfs;
  };
  for (const Row& row : {Row{"ext4", {"mkfs.ext4", "-q"}}, Row{"xfs", {"mkfs.xfs", "-q"}},
                         Row{"btrfs", {"mkfs.btrfs", "-q"}}, Row{"vfat", {"mkfs.vfat"}}}) {
    INFO(row.type);
    const fs::path image = make_image(folder / row.type, 320 * mib);
    std::vector<std::string> command = row.mkfs;
    command.push_back(image.string());
    run_checked({command});
    CHECK(content_of(image).care.empty());
    fs::resize_file(image, 300 * mib);
    const Content content = content_of(image);
    CHECK(content.type == row.type);
    REQUIRE(content.care.size() == 1);
    CHECK(content.care[0].starts_with("its superblock says 3276"));  // FAT ends with a whole track
    CHECK(
        content.care[0].ends_with(" KiB, but there are 307200 KiB: its end is missing, as after a copy that was not "
                                  "finished; write nothing to it"));
  }
}

TEST_CASE("LUKS is told with its version") {
  const Folder folder;
  for (const std::string version : {"1", "2"}) {
    const fs::path image = make_image(folder / version, 32 * mib);
    Command format{{"cryptsetup", "luksFormat", "--batch-mode", "--type", "luks" + version, "--pbkdf", "pbkdf2",
                    "--pbkdf-force-iterations", "1000", "--key-file", "-", image.string()}};
    format.input = "secret";
    run_checked(format);
    const Content content = content_of(image);
    CHECK(content.type == "crypto_LUKS");
    CHECK(content.usage == "crypto");
    CHECK(content.version == version);
  }
}

TEST_CASE("FAT, XFS, btrfs and a hibernated swap tell that they were not left cleanly") {
  const Folder folder;
  const fs::path fat = make_image(folder / "fat", 40 * mib);
  run_checked({{"mkfs.vfat", "-F", "32", fat.string()}});
  CHECK(content_of(fat).care.empty());
  poke(fat, 0x41, "\x01");
  CHECK(content_of(fat).care == std::vector<std::string>{"it was not unmounted cleanly"});

  const fs::path swap = make_image(folder / "swap", 8 * mib);
  run_checked({{"mkswap", swap.string()}});
  CHECK(content_of(swap).care.empty());
  poke(swap, 4086, "S1SUSPEND");
  CHECK(content_of(swap).type == "swsuspend");
  CHECK(content_of(swap).care ==
        std::vector<std::string>{"it holds a hibernated system: its file systems must not be written to"});

  const fs::path xfs = make_image(folder / "xfs", 300 * mib);
  run_checked({{"mkfs.xfs", "-q", xfs.string()}});
  CHECK(content_of(xfs).care.empty());
  run_checked({{"xfs_db", "-x", "-c", "sb 0", "-c", "write -d features_incompat 0x1b", xfs.string()}});
  CHECK(content_of(xfs).care == std::vector<std::string>{"it is marked for repair: xfs_repair has not finished on it"});

  run_checked({{"xfs_db", "-x", "-c", "sb 0", "-c", "write -d features_incompat 0x8b", xfs.string()}});
  REQUIRE(content_of(xfs).care.size() >= 1);  // Linux 6.10 on knows it, xfsprogs here does not
  CHECK(content_of(xfs).care.back() ==
        "its XFS feature parent needs xfsprogs 6.10: xfsprogs 6.1 here can neither check nor repair it");

  const fs::path btrfs = make_image(folder / "btrfs", 128 * mib);
  run_checked({{"mkfs.btrfs", "-q", btrfs.string()}});
  CHECK(content_of(btrfs).care.empty());
}

}  // namespace
}  // namespace lifeboat::init
