#include "builder/recipe/recipe.hpp"

#include <algorithm>

#include "builder/base/text.hpp"
#include "builder/recipe/documents.hpp"
#include "builder/recipe/keys.hpp"

namespace lifeboat {
namespace {

/// The fault is shown where `key` stands.
void fault_at(Reading& reading, const std::string& key, std::string what, std::string hint) {
  const auto found = reading.locations.find(key);
  if (found != reading.locations.end())
    reading.faults.push_back({found->second.source, found->second.place, std::move(what), std::move(hint)});
}

void check_groups(const Recipe& recipe, Reading& reading) {
  const Recipe::Kernel& kernel = recipe.kernel;
  std::vector<std::string> names;
  for (const auto& [name, globs] : kernel.module_groups) names.push_back(name);
  for (const std::string& group : kernel.groups) {
    if (kernel.module_groups.contains(group)) continue;
    const std::string near = did_you_mean(group, names);
    fault_at(reading, "kernel.groups:" + group, "no module group is named `" + group + "`",
             !near.empty()   ? "did you mean `" + near + "`?"
             : names.empty() ? "name the group's modules below [kernel.module_groups]"
                             : "the groups are: " + join(names, ", "));
  }
}

struct LevelRange {
  std::string_view compression;
  int least, most, standard;
};
constexpr LevelRange level_ranges[] = {{"zstd", 1, 22, 19}, {"gzip", 1, 9, 9}, {"xz", 0, 9, 6}};

void check_squashfs(Recipe& recipe, Reading& reading) {
  Recipe::Squashfs& squashfs = recipe.squashfs;
  const LevelRange& range = *std::find_if(std::begin(level_ranges), std::end(level_ranges),
                                          [&](const LevelRange& r) { return r.compression == squashfs.compression; });
  if (!reading.locations.contains("squashfs.level")) squashfs.level = range.standard;
  if (squashfs.level < range.least || squashfs.level > range.most)
    fault_at(reading, "squashfs.level",
             squashfs.compression + " has no compression level " + std::to_string(squashfs.level),
             "its levels go from " + std::to_string(range.least) + " to " + std::to_string(range.most));
  if ((squashfs.block_size & (squashfs.block_size - 1)) != 0)
    fault_at(reading, "squashfs.block_size", "a squashfs block of " + std::to_string(squashfs.block_size) + " bytes",
             "it must be a power of two from 4096 to 1048576, such as 262144");
}

void check_provided(const Recipe& recipe, Reading& reading) {
  for (const std::string& package : recipe.packages)
    if (std::find(recipe.provided.begin(), recipe.provided.end(), package) != recipe.provided.end())
      fault_at(reading, "packages:" + package, "`" + package + "` is to be installed, and `provided` stands in for it",
               "take it out of one of the two lists");
}

void fill_in(Recipe& recipe) {
  std::sort(recipe.packages.begin(), recipe.packages.end());
  if (recipe.media.empty()) recipe.media = {"netboot"};
}

}  // namespace

Recipe read_recipe(const std::filesystem::path& file, const RecipeVocabulary& vocabulary) {
  Documents documents = load_documents(file);
  const bool complete = documents.faults.empty();
  Recipe recipe;
  recipe.file = file;
  Reading reading{vocabulary, documents.faults, elsewhere_hint};
  for (const Document& document : documents.files) {
    reading.source = document.source;
    read_keys(document.root, recipe, reading);
  }
  if (complete) check_required(reading);  // a file that could not be read may have them
  if (complete) check_groups(recipe, reading);
  check_squashfs(recipe, reading);
  check_provided(recipe, reading);
  if (!documents.faults.empty()) throw RecipeError(render(std::move(documents.faults)));
  fill_in(recipe);
  return recipe;
}

}  // namespace lifeboat
