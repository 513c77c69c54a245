#pragma once
#include <filesystem>
#include <string>

#include "builder/build/build.hpp"
#include "builder/fetch/mirrors.hpp"
#include "builder/recipe/recipe.hpp"

namespace lifeboat {

/// BuildOptions with every default filled in and looked for.
struct BuildPlaces {
  std::filesystem::path output;
  std::filesystem::path cache;
  std::filesystem::path init_binary;
  std::filesystem::path overlays;
};

/// Throws Error for an init binary or an overlays folder that is nowhere.
BuildPlaces find_places(const BuildOptions& options, const Recipe& recipe);

/// --mirror, then the mirrors file, then the build host's apt sources.
Mirrors find_mirrors(const BuildOptions& options, const Recipe& recipe);

/// Every value of the recipe as sorted text: equal for two recipe files that mean the same.
std::string canonical_text(const Recipe& recipe);

/// SHA-256 over the overlay folders of the recipe: paths, executable bits, contents, link targets.
std::string overlays_digest(const BuildPlaces& places, const Recipe& recipe);

}  // namespace lifeboat
