#include "init/disk/xfs_log.hpp"

#include <fcntl.h>

#include <random>

#include "builder/base/run.hpp"
#include "init/tests/disk/machine.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init {
namespace {

class XfsDisk {
 public:
  XfsDisk() { run_checked({{"mkfs.xfs", "-q", image().string()}}); }
  fs::path image() const { return folder_.path() / "xfs"; }
  XfsLog log() const {
    const auto device = open_file(image().string(), O_RDONLY);
    REQUIRE(device);
    return read_xfs_log(*device, 0);
  }

 private:
  TempDir folder_{fs::temp_directory_path(), "lifeboat-xfs-test"};
  fs::path made_ = test::make_image(image(), 300 << 20);
};

TEST_CASE("the log of a new XFS is clean") { CHECK(XfsDisk().log() == XfsLog::clean); }

TEST_CASE("an XFS with its log on another device is not judged") {
  const XfsDisk disk;
  test::poke(disk.image(), 48, std::string(8, '\0'));  // sb_logstart
  CHECK(disk.log() == XfsLog::unknown);
}

TEST_CASE("an XFS with a damaged superblock ends, whatever it says") {
  const XfsDisk disk;
  std::mt19937 random(20240607);  // NOLINT: the same damage in each run
  int judged = 0;
  for (int round = 0; round < 300; ++round) {
    const std::size_t field = (round % 3 == 0 ? 4 : round % 3 == 1 ? 48 : 84) + random() % 16;
    test::poke(disk.image(), field, std::string(1, static_cast<char>(random())));
    judged += disk.log() == XfsLog::unknown ? 0 : 1;
  }
  CHECK(judged < 300);
}

TEST_CASE("an empty device has no log") {
  const TempDir folder(fs::temp_directory_path(), "lifeboat-xfs-test");
  const auto device = open_file(test::make_image(folder.path() / "empty", 4096).string(), O_RDONLY);
  REQUIRE(device);
  CHECK(read_xfs_log(*device, 0) == XfsLog::unknown);
}

}  // namespace
}  // namespace lifeboat::init
