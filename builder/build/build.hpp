#pragma once
#include "builder/build/options.hpp"
#include "builder/recipe/recipe.hpp"

namespace lifeboat {

/// The whole product in one line: recipe -> lock -> verified files -> tree -> squashfs and initramfs -> media ->
/// manifest. What earlier builds made of the same inputs is taken as it is. The output folder is replaced in one step
/// at the very end; until then the last good one stays. Throws Error.
void build_image(const BuildOptions& options);

/// The distributions and media that this builder has: what a recipe may name.
RecipeVocabulary recipe_vocabulary();

/// The recipe in `file`, with the named media instead of its own where any are named. Throws RecipeError, and Error for
/// a medium that there is not.
Recipe read_image_recipe(const std::filesystem::path& file, const std::vector<std::string>& media);

}  // namespace lifeboat
