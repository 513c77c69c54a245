// Every NAME.toml in faults/ has at least one fault, and NAME.txt is the whole text that a person reads.
// LIFEBOAT_REWRITE_GOLDEN=1 rewrites the texts; read the difference before you commit it.
#include <algorithm>
#include <cstdlib>

#include "builder/base/file.hpp"
#include "builder/recipe/recipe.hpp"
#include "testing/catch.hpp"

namespace {
using namespace lifeboat;
namespace fs = std::filesystem;

const fs::path folder = fs::path(LIFEBOAT_SOURCE_DIR) / "builder/tests/recipe/faults";
const RecipeVocabulary vocabulary{{"debian"}, {"netboot"}};

/// The texts name files as they are typed, so the test stands beside them.
class WorkingDirectory {
 public:
  explicit WorkingDirectory(const fs::path& path) : before_(fs::current_path()) { fs::current_path(path); }
  WorkingDirectory(const WorkingDirectory&) = delete;
  WorkingDirectory& operator=(const WorkingDirectory&) = delete;
  ~WorkingDirectory() { fs::current_path(before_); }

 private:
  fs::path before_;
};

std::string faults_of(const fs::path& file) {
  try {
    read_recipe(file, vocabulary);
    return "no fault was found\n";
  } catch (const RecipeError& error) {
    return std::string(error.what()) + "\n";
  }
}

std::vector<fs::path> cases() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".toml") files.push_back(entry.path().filename());
  std::sort(files.begin(), files.end());
  return files;
}

TEST_CASE("every fault of a recipe is shown at its place, with a hint") {
  const WorkingDirectory stand(folder);
  REQUIRE(cases().size() > 20);
  for (const fs::path& file : cases()) {
    const fs::path golden = fs::path(file).replace_extension(".txt");
    const std::string faults = faults_of(file);
    if (std::getenv("LIFEBOAT_REWRITE_GOLDEN") != nullptr) replace_file(golden, faults);
    INFO(file);
    CHECK(faults == read_file(golden));
  }
}

TEST_CASE("without a vocabulary any name of a distribution or a medium will do") {
  const WorkingDirectory stand(folder);
  try {
    read_recipe("value-not-allowed.toml");
    FAIL("the recipe has other faults");
  } catch (const RecipeError& error) {
    const std::string text = error.what();
    CHECK(text.find("debain") == std::string::npos);
    CHECK(text.find("floppy") == std::string::npos);
    CHECK(text.find("sparc") != std::string::npos);
  }
}

TEST_CASE("a recipe that is not there is named, with one that is near") {
  const WorkingDirectory stand(folder);
  try {
    read_recipe("mising-keys.toml");
    FAIL("there is no such file");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("mising-keys.toml: No such file or directory") != std::string::npos);
    CHECK(error.hint() == "did you mean `missing-keys.toml`?");
  }
}

TEST_CASE("where no recipe has a similar name, those that are there are listed") {
  try {
    read_recipe(folder / "sets/zzzzzz.toml");
    FAIL("there is no such file");
  } catch (const Error& error) {
    CHECK(error.hint() == "the recipes there are: broken.toml, circle.toml, faulty.toml, good.toml");
  }
}

}  // namespace
