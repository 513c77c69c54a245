// Every recipe in the repository, and what issue 2 promises of the two for Debian 12.
#include <algorithm>

#include "builder/base/file.hpp"
#include "builder/base/text.hpp"
#include "builder/recipe/recipe.hpp"
#include "testing/catch.hpp"

namespace {
using namespace lifeboat;
namespace fs = std::filesystem;

const fs::path source = LIFEBOAT_SOURCE_DIR;

std::vector<fs::path> shipped_recipes() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(source / "recipes"))
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

bool has(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// The text of a file without comments: what a recipe says, not what it explains.
std::string without_comments(const fs::path& file) {
  const std::string whole = read_file(file);
  std::string text;
  for (const std::string_view line : split_lines(whole)) text += std::string(line.substr(0, line.find('#'))) + "\n";
  return text;
}

TEST_CASE("every recipe in the repository is without fault") {
  REQUIRE(shipped_recipes().size() >= 2);
  for (const fs::path& file : shipped_recipes()) {
    INFO(file);
    CHECK_NOTHROW(read_recipe(file, {{"debian"}, {"netboot", "iso", "raw", "qcow2", "uki"}}));
  }
}

TEST_CASE("a recipe is named as its file") {
  for (const fs::path& file : shipped_recipes()) CHECK(read_recipe(file).name == file.stem());
}

TEST_CASE("every package set is included by a recipe or stands alone without syntax errors") {
  for (const auto& entry : fs::directory_iterator(source / "recipes/sets")) {
    INFO(entry.path());
    bool used = false;
    for (const fs::path& file : shipped_recipes())
      used = used || read_file(file).find("sets/" + entry.path().filename().string()) != std::string::npos;
    CHECK(used);
  }
}

TEST_CASE("both Debian 12 recipes install the whole rescue set") {
  const std::string words = read_file(source / "builder/tests/recipe/rescue-packages.txt");
  for (const char* name : {"debian-12.toml", "debian-12-cloud.toml"}) {
    const Recipe recipe = read_recipe(source / "recipes" / name);
    for (const std::string_view package : split_words(words)) {
      INFO(name << ": " << package);
      CHECK(has(recipe.packages, package));
    }
  }
}

TEST_CASE("no recipe names a mirror's host") {
  for (const auto& entry : fs::recursive_directory_iterator(source / "recipes")) {
    if (entry.path().extension() != ".toml") continue;
    INFO(entry.path());
    CHECK(without_comments(entry.path()).find("://") == std::string::npos);
  }
}

TEST_CASE("the two Debian 12 recipes differ in their kernel alone") {
  const Recipe generic = read_recipe(source / "recipes/debian-12.toml");
  const Recipe cloud = read_recipe(source / "recipes/debian-12-cloud.toml");
  CHECK(generic.kernel.package == "linux-image-amd64");
  CHECK(cloud.kernel.package == "linux-image-cloud-amd64");
  CHECK(generic.packages == cloud.packages);
  CHECK(generic.provided == cloud.provided);
  CHECK(generic.remove == cloud.remove);
  CHECK(has(generic.kernel.required_modules, "ahci"));
  CHECK_FALSE(has(cloud.kernel.required_modules, "ahci"));
}

TEST_CASE("licence texts are not among what is left out") {
  for (const fs::path& file : shipped_recipes())
    for (const std::string& glob : read_recipe(file).remove) {
      INFO(file << ": " << glob);
      CHECK_FALSE(glob_matches(glob, "usr/share/doc/bash/copyright"));
      CHECK_FALSE(glob_matches(glob, "usr/share/doc/libfoo1.2/copyright"));
      CHECK_FALSE(glob_matches(glob, "usr/share/doc/bash"));
      CHECK_FALSE(glob_matches(glob, "usr/share/common-licenses/GPL-3"));
    }
}

}  // namespace
