#include "builder/boot/config_drive.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;

TEST_CASE("a password has 20 characters that nobody mistakes for others, and is never the same twice") {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string password = random_password();
    REQUIRE(password.size() == 20);
    REQUIRE(password.find_first_of("01loIO \"\\") == std::string::npos);
    REQUIRE(seen.insert(password).second);
  }
}

TEST_CASE("a UUID is a random one of version 4") {
  const std::string uuid = random_uuid();
  REQUIRE(uuid.size() == 36);
  for (std::size_t at : {8U, 13U, 18U, 23U}) CHECK(uuid[at] == '-');
  CHECK(uuid[14] == '4');
  CHECK(std::string("89ab").find(uuid[19]) != std::string::npos);
  CHECK(uuid != random_uuid());
}

TEST_CASE("the config drive is a volume config-2 whose meta_data.json carries the password, for us alone to read") {
  const TempDir work(fs::temp_directory_path(), "config-drive-test");
  const fs::path image = write_config_drive(work.path(), {"11111111-2222-4333-8444-555555555555", "rescue", "secret"});
  CHECK((fs::status(image).permissions() & fs::perms::all) == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK_FALSE(fs::exists(work.path() / "config"));

  const std::string volume = run_checked({.argv = {"xorriso", "-indev", image, "-pvd_info"}, .needed_for = "the test"});
  CHECK(volume.find("Volume Id    : config-2") != std::string::npos);
  const fs::path copy = work.path() / "meta_data.json";
  run_checked(
      {.argv = {"xorriso", "-osirrox", "on", "-indev", image, "-extract", "/openstack/latest/meta_data.json", copy},
       .needed_for = "the test"});
  const nlohmann::json meta_data = nlohmann::json::parse(read_file(copy));
  CHECK(meta_data["admin_pass"] == "secret");
  CHECK(meta_data["uuid"] == "11111111-2222-4333-8444-555555555555");
  CHECK(meta_data["hostname"] == "rescue");
}
