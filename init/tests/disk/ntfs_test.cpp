#include "init/disk/ntfs.hpp"

#include <fcntl.h>

#include <cstdlib>
#include <random>

#include "builder/base/run.hpp"
#include "init/disk/hive.hpp"
#include "init/disk/ntfs_volume.hpp"
#include "init/tests/disk/machine.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init {
namespace {

// Where the records lie in the image: its master file table begins at cluster 4 of 4096 bytes, records have 1024.
constexpr std::uint64_t volume_record = 0x4000 + 3 * 1024;
constexpr std::uint64_t root_record = 0x4000 + 5 * 1024;

class WindowsDisk {
 public:
  explicit WindowsDisk(const std::string& name = "windows-ntfs") {
    lifeboat::replace_file(
        image(),
        run_checked({{"xz", "--decompress", "--stdout", LIFEBOAT_SOURCE_DIR "/init/tests/data/" + name + ".img.xz"}}));
  }
  fs::path image() const { return folder_.path() / "windows"; }
  std::string bytes() const { return lifeboat::read_file(image()); }
  Content looked() const {
    const auto device = open_file(image().string(), O_RDONLY);
    REQUIRE(device);
    Content content;
    look_into_ntfs(*device, 0, content);
    return content;
  }

 private:
  TempDir folder_{fs::temp_directory_path(), "lifeboat-ntfs-test"};
};

TEST_CASE("an NTFS with a folder Windows in its root is a Windows") {
  const Content content = WindowsDisk().looked();
  REQUIRE(content.system);
  CHECK(content.system->kind == "windows");
  CHECK(content.system->name == "Windows");
  CHECK(content.care.empty());
}

TEST_CASE("an NTFS with other folders is none") {
  const WindowsDisk disk;
  const std::string name("W\0i\0n\0d\0o\0w\0s\0", 14);
  const std::string bytes = disk.bytes();
  std::size_t found = 0;
  for (std::size_t at = bytes.find(name); at != bytes.npos; at = bytes.find(name, at + 1), ++found)
    test::poke(disk.image(), at, "V");
  REQUIRE(found > 0);
  CHECK_FALSE(disk.looked().system);
}

TEST_CASE("an NTFS that Windows marked dirty is told") {
  const WindowsDisk disk;
  const std::string record = disk.bytes().substr(volume_record, 1024);
  const std::size_t attribute = record.find(std::string("\x70\0\0\0", 4));  // VOLUME_INFORMATION
  REQUIRE(attribute != record.npos);
  const std::size_t value = attribute + static_cast<unsigned char>(record[attribute + 0x14]);
  test::poke(disk.image(), volume_record + value + 0x0a, "\x01");
  CHECK(disk.looked().care == std::vector<std::string>{"Windows marked it dirty: it was not unmounted cleanly"});
}

TEST_CASE("a torn record is not believed") {
  const WindowsDisk disk;
  test::poke(disk.image(), root_record + 510, "\xee\xee");
  CHECK_FALSE(disk.looked().system);
}

TEST_CASE("an NTFS with random damage ends, whatever it says") {
  const WindowsDisk disk;
  const std::string good = disk.bytes();
  std::mt19937 random(20240607);  // NOLINT: the same damage in each run
  for (int round = 0; round < 300; ++round) {
    std::string bad = good;
    const bool boot_sector = round % 3 == 0;
    const std::size_t area = boot_sector ? 0x50 : root_record;
    for (int i = 0; i < 6; ++i)
      bad[(boot_sector ? 0 : area) + random() % (boot_sector ? area : 1024)] = static_cast<char>(random());
    test::poke(disk.image(), 0, bad.substr(0, 0x8000));
    const Content content = disk.looked();
    CHECK(content.care.size() <= 1);
  }
}

/// The bytes of `what` in the image become those of `with`, wherever they are.
void replace_in(const fs::path& image, const std::string& what, const std::string& with) {
  const std::string bytes = lifeboat::read_file(image);
  std::size_t found = 0;
  for (std::size_t at = bytes.find(what); at != bytes.npos; at = bytes.find(what, at + 1), ++found)
    test::poke(image, at, with);
  REQUIRE(found > 0);
}

std::string utf16(const std::string& text) {
  std::string wide;
  for (const char c : text) wide += {c, '\0'};
  return wide;
}

TEST_CASE("a Windows is named by its registry, read out of pieces through folders with blocks of their own") {
  const WindowsDisk disk("windows-11");
  const Content content = disk.looked();
  REQUIRE(content.system);
  CHECK(content.system->name == "Windows 11 Pro 23H2, build 22631");  // the registry says 10
  CHECK(content.boot == std::vector<std::string>{"Windows Boot Manager"});
  CHECK(content.care.empty());
}

TEST_CASE("a Windows before 11 keeps its name, and control characters reach nobody") {
  const WindowsDisk disk("windows-11");
  replace_in(disk.image(), utf16("22631"), utf16("19045"));
  CHECK(disk.looked().system->name == "Windows 10 Pro 23H2, build 19045");
  replace_in(disk.image(), utf16("Windows 10 Pro"), utf16("Windows\x1b[2JPro"));
  CHECK(disk.looked().system->name == "Windows\\x1b[2JPro 23H2, build 19045");
}

TEST_CASE("a Windows whose registry does not read is a Windows all the same") {
  const WindowsDisk disk("windows-11");
  replace_in(disk.image(), "regf\x01", "rega");
  CHECK(disk.looked().system->name == "Windows");
}

TEST_CASE("a hibernated Windows must not be written to") {
  const WindowsDisk disk("windows-11");
  const auto device = open_file(disk.image().string(), O_RDONLY);
  REQUIRE(device);
  const auto volume = NtfsVolume::open(*device, 0);
  REQUIRE(volume);
  const auto file = volume->open_file(volume->find("hiberfil.sys").value_or(0));
  REQUIRE(file);
  REQUIRE_FALSE(file->runs.empty());
  test::poke(disk.image(), file->runs[0].start, "hibr");
  CHECK(disk.looked().care ==
        std::vector<std::string>{"Windows is hibernated, or was shut down by fast startup: do not mount it for "
                                 "writing, that destroys files"});
}

TEST_CASE("a registry with random damage ends, and gives clean text") {
  const WindowsDisk disk("windows-11");
  const std::string good = disk.bytes();
  const std::size_t hive = good.find("regf\x01");
  REQUIRE(hive != good.npos);
  std::mt19937 random(20240607);  // NOLINT: the same damage in each run
  for (int round = 0; round < 200; ++round) {
    std::string bad = good;
    for (int i = 0; i < 40; ++i) bad[hive + 0x20 + random() % 40960] = static_cast<char>(random());
    const HiveReader read = [&](std::uint64_t offset, std::size_t size) {
      return offset <= 20480 && size <= 20480 - offset ? std::optional(bad.substr(hive + offset, size)) : std::nullopt;
    };
    for (const std::string& value : read_hive_values(read, "microsoft/windows nt/currentversion", {"productname"}))
      CHECK(value.size() <= 3072);
    test::poke(disk.image(), hive, bad.substr(hive, 40960));
    const Content content = disk.looked();
    if (content.system) CHECK(content.system->name.find('\0') == std::string::npos);
  }
}

TEST_CASE("an empty device is no NTFS") {
  const TempDir folder(fs::temp_directory_path(), "lifeboat-ntfs-test");
  const auto device = open_file(test::make_image(folder.path() / "empty", 4096).string(), O_RDONLY);
  REQUIRE(device);
  Content content;
  look_into_ntfs(*device, 0, content);
  CHECK(content == Content{});
}

}  // namespace
}  // namespace lifeboat::init
