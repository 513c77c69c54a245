// Every kind of disk is told apart, opened, read and handed back, and not one byte of it is written.
#include <nlohmann/json.hpp>

#include "qemu-tests/disks/disks.hpp"
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/hot_plug.hpp"
#include "qemu-tests/harness/image.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;

TEST_CASE("the sets are made") {
  REQUIRE(disk_set("raid5").size() == 3);
  REQUIRE(disk_set("many").size() == 64);
}
