#include "builder/cli/check.hpp"

#include <sstream>

#include "builder/base/file.hpp"
#include "testing/catch.hpp"

namespace {
using namespace lifeboat;

const std::filesystem::path recipes = std::filesystem::path(LIFEBOAT_SOURCE_DIR) / "recipes";
const RecipeVocabulary vocabulary{{"debian"}, {"netboot", "iso", "raw", "qcow2", "uki"}};

TEST_CASE("a good recipe is one line with its number of packages") {
  const std::filesystem::path file = recipes / "debian-12.toml";
  const std::size_t packages = read_recipe(file).packages.size();
  std::ostringstream good;
  std::ostringstream bad;
  CHECK(check_recipes({{file}}, vocabulary, good, bad) == 0);
  CHECK(good.str() == file.string() + ": ok (" + std::to_string(packages) + " packages)\n");
  CHECK(bad.str().empty());
}

TEST_CASE("one bad recipe does not hide the others, and fails the check") {
  const TempDir folder(std::filesystem::temp_directory_path(), "check-test");
  const std::filesystem::path broken = folder.path() / "broken.toml";
  const std::filesystem::path missing = folder.path() / "missing.toml";
  replace_file(broken, "name = \n");
  std::ostringstream good;
  std::ostringstream bad;
  CHECK(check_recipes({{broken, missing, recipes / "debian-12-cloud.toml"}}, vocabulary, good, bad) == 1);
  CHECK(good.str().find("debian-12-cloud.toml: ok (") != std::string::npos);
  CHECK(bad.str().starts_with(broken.string() + ":1:8: "));
  CHECK(bad.str().find("lifeboat: error: reading " + missing.string()) != std::string::npos);
}

}  // namespace
