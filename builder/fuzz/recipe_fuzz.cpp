// A recipe: a Recipe, or every fault of it with its place.
#include <fcntl.h>

#include "builder/base/file.hpp"
#include "builder/fuzz/input.hpp"
#include "builder/recipe/recipe.hpp"

using namespace lifeboat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TempDir folder(std::filesystem::temp_directory_path(), "lifeboat-fuzz");
  const std::filesystem::path file = folder.path() / "recipe.toml";
  write_all(open_file(file, O_WRONLY | O_CREAT | O_TRUNC), fuzz::text_of(data, size), file.string());
  try {
    const Recipe recipe = read_recipe(file, {{"debian"}, {"netboot"}});
    fuzz::require(recipe.distribution == "debian" && !recipe.name.empty() && !recipe.media.empty());
  } catch (const RecipeError& error) {
    fuzz::require(std::string_view(error.what()).starts_with(folder.path().string()));
  }
  return 0;
}
