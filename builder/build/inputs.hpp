#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "builder/build/options.hpp"
#include "builder/build/packages.hpp"
#include "builder/fetch/cache.hpp"
#include "builder/fetch/downloader.hpp"
#include "builder/fetch/mirrors.hpp"
#include "builder/recipe/recipe.hpp"

namespace lifeboat {

/// BuildOptions with every default filled in and looked for.
struct BuildPlaces {
  std::filesystem::path output;
  std::filesystem::path init_binary;
  std::filesystem::path overlays;
};

/// Throws Error for an init binary or an overlays folder that is nowhere.
BuildPlaces find_places(const BuildOptions& options, const Recipe& recipe);

/// The cache, the mirrors and the network of one command. Mirrors: --mirror, then the mirrors file, then the build
/// host's apt sources.
class FetchSetup {
 public:
  FetchSetup(const FetchOptions& options, const std::vector<Recipe::Repository>& repositories);

  FetchTools tools() noexcept {
    return {.mirrors = mirrors_, .cache = cache_, .downloader = *downloader_, .offline = offline_};
  }
  Cache& cache() noexcept { return cache_; }

 private:
  Cache cache_;
  Mirrors mirrors_;
  std::unique_ptr<Downloader> downloader_;
  bool offline_;
};

/// Every value of the recipe that decides the root, as sorted text: equal for two recipe files that mean the same.
std::string canonical_root_text(const Recipe& recipe);
/// The same with the media: all that decides the output's bytes.
std::string canonical_text(const Recipe& recipe);

/// SHA-256 over the overlay folders of the recipe: paths, executable bits, contents, link targets.
std::string overlays_digest(const BuildPlaces& places, const Recipe& recipe);

}  // namespace lifeboat
