// The table of keys is the schema: what it says must be true, and recipes/README.md must say the same.
#include <algorithm>
#include <set>

#include "builder/base/file.hpp"
#include "builder/base/text.hpp"
#include "builder/recipe/recipe.hpp"
#include "testing/catch.hpp"

namespace {
using namespace lifeboat;
namespace fs = std::filesystem;

/// The tables' own rows, whose examples are headers.
bool is_header(const RecipeKey& key) { return key.example.starts_with("[[") || key.example == "[" + key.name + "]"; }

/// A recipe made of nothing but the examples.
std::string recipe_of_examples() {
  std::string text;
  std::string table;
  for (const RecipeKey& key : recipe_keys()) {
    if (is_header(key) || key.name == "include") continue;
    const std::size_t dot = key.name.find('.');
    const std::string owner = dot == std::string::npos ? "" : key.name.substr(0, dot);
    if (owner != table) text += owner == "repository" ? "[[repository]]\n" : "[" + owner + "]\n";
    table = owner;
    text += key.name.substr(dot == std::string::npos ? 0 : dot + 1) + " = " + key.example + "\n";
  }
  return text;
}

TEST_CASE("the example of every key is a value that the key takes") {
  const TempDir folder(fs::temp_directory_path(), "keys-test");
  replace_file(folder.path() / "examples.toml", recipe_of_examples());
  CHECK_NOTHROW(read_recipe(folder.path() / "examples.toml"));
}

TEST_CASE("every key has a meaning and a name of its own") {
  std::set<std::string> names;
  for (const RecipeKey& key : recipe_keys()) {
    INFO(key.name);
    CHECK_FALSE(key.meaning.empty());
    CHECK(names.insert(key.name).second);
  }
  CHECK(names.size() > 20);
}

TEST_CASE("recipes/README.md describes every key in the words of the table, and no other") {
  const std::string readme = read_file(fs::path(LIFEBOAT_SOURCE_DIR) / "recipes/README.md");
  std::vector<std::string> written;
  for (const std::string_view line : split_lines(readme))
    if (line.starts_with("| `")) written.emplace_back(line);
  std::vector<std::string> expected;
  for (const RecipeKey& key : recipe_keys())
    expected.push_back("| `" + key.name + "` | " + (key.required ? "yes" : "no") + " | `" + key.example + "` | " +
                       key.meaning + " |");
  CHECK(written == expected);
}

}  // namespace
