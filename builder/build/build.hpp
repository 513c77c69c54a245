#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "builder/recipe/recipe.hpp"

namespace lifeboat {

/// What `lifeboat build` was asked; empty paths take the defaults named here.
struct BuildOptions {
  std::filesystem::path recipe;
  std::filesystem::path output;        ///< default: out/NAME-ARCHITECTURE below the working directory
  std::filesystem::path cache;         ///< default: Cache::default_folder()
  std::vector<std::string> mirrors;    ///< "NAME=URL", tried before all others, in this order
  std::filesystem::path mirrors_file;  ///< lines "NAME = URL"
  bool offline = false;                ///< ask nothing of the network: the cache alone
  std::filesystem::path init_binary;   ///< default: lifeboat-init beside this program, then /usr/lib/lifeboat/
  std::filesystem::path overlays;  ///< default: overlays/ beside the recipe's folder, then /usr/share/lifeboat/overlays
  bool fast = false;               ///< quick compression: larger image, for developers
  bool quiet = false;              ///< no progress, only errors
};

/// The whole product in one line: recipe -> packages -> verified files -> tree -> squashfs and initramfs -> media ->
/// manifest. The output folder is replaced in one step at the very end; until then the last good one stays.
/// Throws Error.
void build_image(const BuildOptions& options);

/// The distributions and media that this builder has: what a recipe may name.
RecipeVocabulary recipe_vocabulary();

}  // namespace lifeboat
