#include <fcntl.h>

#include <functional>

#include "builder/base/run.hpp"
#include "init/disk/examine.hpp"
#include "init/disk/gpt.hpp"
#include "init/disk/mbr.hpp"
#include "init/tests/disk/machine.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init {
namespace {

using Lines = std::vector<std::string>;
using test::mib;
using test::poke;

constexpr std::uint64_t sector = 512;
const std::string zeros(sector, '\0');

/// An image of 64 MiB with the table that sfdisk makes of a script.
class Image {
 public:
  explicit Image(const std::string& script) {
    test::make_image(path(), 64 * mib);
    if (script.empty()) return;
    Command sfdisk{{"sfdisk", "--quiet", path().string()}};
    sfdisk.input = script;
    run_checked(sfdisk);
  }
  fs::path path() const { return folder_.path() / "disk"; }
  std::uint64_t size() const { return fs::file_size(path()); }
  Disk read() const {
    Disk disk;
    disk.name = "vda";
    disk.path = path().string();
    disk.size = size();
    static_cast<void>(read_disk(disk, "/dev"));
    CHECK(disk.problem.empty());
    return disk;
  }
  /// As a report would have it: the disk is /dev/vda.
  Lines care() const {
    Lines lines = read().care;
    for (std::string& line : lines)
      for (std::size_t at; (at = line.find(path().string())) != std::string::npos;)
        line.replace(at, path().string().size(), "/dev/vda");
    return lines;
  }

 private:
  TempDir folder_{fs::temp_directory_path(), "lifeboat-table-test"};
};

const std::string two =
    "label: gpt\nlabel-id: 5E8D1C0A-9B7F-4E35-8B0E-1F2D3C4B5A69\nstart=2048, size=2048, name=first\n"
    "start=4096, size=32768, name=\"zweite\", uuid=0A1B2C3D-4E5F-4061-8273-8495A6B7C8D9\n";

void check_two_partitions(const Disk& disk) {
  CHECK(disk.table == "gpt");
  CHECK(disk.table_id == "5e8d1c0a-9b7f-4e35-8b0e-1f2d3c4b5a69");
  REQUIRE(disk.partitions.size() == 2);
  CHECK(disk.partitions[0].label == "first");
  CHECK(disk.partitions[1].number == 2);
  CHECK(disk.partitions[1].start == 2 * mib);
  CHECK(disk.partitions[1].size == 16 * mib);
  CHECK(disk.partitions[1].label == "zweite");
  CHECK(disk.partitions[1].uuid == "0a1b2c3d-4e5f-4061-8273-8495a6b7c8d9");
  CHECK(disk.partitions[1].type_name == "Linux");
}

const std::string no_devices =
    "Linux has made no devices for its partitions: partx --add /dev/vda makes them, and writes nothing to it";
const std::string from_backup =
    "the GPT at its start is damaged; the backup at its end is good, and its partitions are shown";
const std::string no_devices_by_offset =
    "Linux has made no devices for its partitions: losetup --find --show --read-only --offset START --sizelimit SIZE "
    "/dev/vda makes one of a part of it, in bytes";

TEST_CASE("a GPT that is whole needs no care") {
  const Image image(two);
  CHECK(image.care().empty());
  check_two_partitions(image.read());
}

TEST_CASE("of a GPT with a damaged start the backup is shown") {
  const std::uint64_t at = GENERATE(std::uint64_t{1}, std::uint64_t{2});  // the header, the entries
  const Image image(two);
  poke(image.path(), at * sector + 40, "damage");
  CHECK(image.care() ==
        Lines{from_backup + ": sgdisk --move-second-header /dev/vda writes the first anew from it", no_devices});
  check_two_partitions(image.read());
}

TEST_CASE("a GPT's backup that is missing or damaged is told") {
  const Image image(two);
  poke(image.path(), image.size() - sector + 24, "damage");
  CHECK(image.care() == Lines{"its backup GPT is damaged; the one at its start is good: sgdisk --move-second-header "
                              "/dev/vda writes it anew"});
  poke(image.path(), image.size() - sector, zeros);
  CHECK(image.care() == Lines{"its backup GPT is missing; the one at its start is good: sgdisk --move-second-header "
                              "/dev/vda writes it anew"});
  check_two_partitions(image.read());
}

TEST_CASE("a backup GPT that differs is told") {
  const Image image(two), other(two + "start=40960, size=2048\n");
  std::string end(33 * sector, '\0');
  const auto device = open_file(other.path().string(), O_RDONLY);
  REQUIRE(device);
  poke(image.path(), image.size() - 33 * sector, lifeboat::read_file(other.path()).substr(other.size() - 33 * sector));
  CHECK(image.care() == Lines{"its backup GPT is another table than the one at its start, which Linux goes by (an old "
                              "table, or a copy that was not finished): sgdisk --verify /dev/vda compares them"});
  check_two_partitions(image.read());
}

TEST_CASE("a disk that was made larger, and one that is cut off, are told") {
  const Image grown(two);
  fs::resize_file(grown.path(), 80 * mib);
  CHECK(grown.care() == Lines{"it was made larger: its backup GPT is 16 MiB before its end; sgdisk "
                              "--move-second-header /dev/vda moves it there"});
  const Image cut(two);
  fs::resize_file(cut.path(), 10 * mib);
  CHECK(cut.care() == Lines{"it is smaller than its GPT says (64 MiB): a part of it is missing, as after a copy that "
                            "was not finished or a disk that shrank"});
  CHECK(cut.read().partitions.at(1).content.care.front() == "it lies beyond the end of the disk");
}

TEST_CASE("a disk without either GPT that its MBR speaks of is told") {
  const Image image(two);
  poke(image.path(), sector, zeros);
  poke(image.path(), image.size() - sector, zeros);
  CHECK(image.care() == Lines{"its MBR says that it has a GPT, but there is none at its start or its end (overwritten, "
                              "or the disk is cut off): testdisk /list /dev/vda looks for the partitions"});
  const Image damaged(two);
  poke(damaged.path(), sector + 24, "damage");
  poke(damaged.path(), damaged.size() - sector + 24, "damage");
  CHECK(damaged.care() == Lines{"both its GPTs, at its start and at its end, are damaged: testdisk /list /dev/vda "
                                "looks for the partitions"});
}

TEST_CASE("a GPT without its protective MBR is read all the same") {
  const Image image(two);
  poke(image.path(), 0, zeros);
  CHECK(image.care() == Lines{"its protective MBR is missing, so Linux does not see its GPT: sgdisk "
                              "--move-second-header /dev/vda writes it anew",
                              no_devices_by_offset});
  check_two_partitions(image.read());
  poke(image.path(), sector, zeros);
  CHECK(image.care() == Lines{"its protective MBR is missing, so Linux does not see its GPT: r, b and w in gdisk "
                              "/dev/vda write both anew",
                              from_backup, no_devices_by_offset});
  check_two_partitions(image.read());
}

TEST_CASE("an MBR over the remains of a GPT counts, and a hybrid one does not") {
  const std::string linux_entry("\0\0\0\0\x83\0\0\0\0\x08\0\0\0\x08\0\0", 16);
  const Image remains(two);
  poke(remains.path(), 446, linux_entry);
  CHECK(remains.care() == Lines{"the remains of a GPT are on it, but its MBR names partitions and counts: wipefs "
                                "--no-act /dev/vda shows both"});
  CHECK(remains.read().table == "dos");
  const Image hybrid(two);
  poke(hybrid.path(), 446 + 16, linux_entry);
  CHECK(hybrid.care() == Lines{"its MBR names partitions beside the GPT's (a hybrid MBR): Linux goes by the GPT, other "
                               "systems may not"});
  check_two_partitions(hybrid.read());
}

TEST_CASE("a GPT that was made for larger sectors is told") {
  const Image image("");
  const Image small(two);
  const std::string bytes = lifeboat::read_file(small.path());
  poke(image.path(), 0, bytes.substr(0, sector));  // the protective MBR
  std::string header = bytes.substr(sector, sector);
  // As sfdisk would make it of sectors of 4096: header and entries at LBA 1 and 2 of these.
  header.replace(16, 4, 4, '\0');
  const std::uint32_t crc = crc32(header.substr(0, 92));
  for (unsigned i = 0; i < 4; ++i) header[16 + i] = static_cast<char>(crc >> (8 * i) & 0xff);
  poke(image.path(), 4096, header);
  poke(image.path(), 2 * 4096, bytes.substr(2 * sector, 32 * sector));
  CHECK(image.care() == Lines{"its GPT was made for sectors of 4096 bytes, and here it has sectors of 512: losetup "
                              "--find --show --read-only --partscan --sector-size 4096 /dev/vda shows its partitions"});
}

TEST_CASE("a partition's name is UTF-16, and half of a pair breaks nothing") {
  CHECK(utf8_of_utf16(std::string("\xe4\0\x3d\xd8\x00\xdex\0\0\0y\0", 12)) == "ä😀x");
  CHECK(utf8_of_utf16(std::string("\x3d\xd8x\0z", 5)) == "\xed\xa0\xbdx");  // printable() writes such bytes out
}

TEST_CASE("the checksum is that of zip") { CHECK(crc32("123456789") == 0xcbf43926); }

const std::string logical =
    "label: dos\nstart=2048, size=2048, type=83\nstart=4096, size=40960, type=5\nstart=6144, size=2048, type=83\n"
    "start=10240, size=2048, type=83\n";

TEST_CASE("logical partitions in a chain that ends need no care") {
  const Image image(logical);
  CHECK(image.care().empty());
  CHECK(image.read().partitions.size() == 4);
}

TEST_CASE("a chain of logical partitions that loops, breaks or leads astray is told, and ends") {
  struct Row {
    std::string link;  // the second entry of the first extended boot record, which lies at sector 4096
    std::string care;
  };
  const std::string behind = ": partitions behind it are lost; testdisk /list /dev/vda looks for them";
  const Row row = GENERATE_COPY(values<Row>({
      {std::string("\0\0\0\0\x05\0\0\0\0\0\0\0\0\x08\0\0", 16),
       "the chain of its logical partitions leads back to itself at sector 4096" + behind},
      {std::string("\0\0\0\0\x05\0\0\0\x01\0\0\0\0\x08\0\0", 16),
       "the chain of its logical partitions breaks off at sector 4097" + behind},
      {std::string("\0\0\0\0\x05\0\0\0\0\0\0\xf0\0\x08\0\0", 16),
       "the chain of its logical partitions leads out of the extended partition at sector 4096" + behind},
  }));
  const Image image(logical);
  poke(image.path(), 4096 * sector + 446 + 16, row.link);
  const Lines care = image.care();
  REQUIRE_FALSE(care.empty());
  CHECK(care.front() == row.care);
}

TEST_CASE("a chain without end is followed for 128 links") {
  const Image image("");
  const auto entry = [](std::uint32_t first) {
    std::string bytes("\0\0\0\0\x05\0\0\0\0\0\0\0\xff\xff\0\0", 16);
    for (unsigned i = 0; i < 4; ++i) bytes[8 + i] = static_cast<char>(first >> (8 * i) & 0xff);
    return bytes;
  };
  for (std::uint32_t i = 0; i < 200; ++i) {
    poke(image.path(), (2048 + i) * sector + 446, entry(i + 1));
    poke(image.path(), (2048 + i) * sector + 510, "\x55\xaa");
  }
  const auto device = open_file(image.path().string(), O_RDONLY);
  REQUIRE(device);
  CHECK(trouble_in_chain(*device, sector, {0x05, 2048, 100000}) ==
        "the chain of its logical partitions has more than 128 links");
}

TEST_CASE("partitions that overlap are told") {
  const Image image("label: dos\nstart=2048, size=4096, type=83\nstart=8192, size=4096, type=83\n");
  CHECK(image.care().empty());
  poke(image.path(), 446 + 16 + 8, std::string("\0\x10\0\0", 4));  // the second begins at sector 4096
  CHECK(image.care() == Lines{"its partitions 1 and 2 overlap: write to neither"});
}

TEST_CASE("an empty disk holds nothing, and one with unknown bytes says so") {
  const Image image("");
  CHECK(image.care() == Lines{"it holds nothing: no partition table, no file system, and its beginning is zero"});
  poke(image.path(), 5000, "x");
  CHECK(image.care() ==
        Lines{"it holds no partition table and no file system that is known, but its beginning is not empty"});
}

}  // namespace
}  // namespace lifeboat::init
