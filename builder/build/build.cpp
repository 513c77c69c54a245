// Open this first: the whole product as one function, one verb a line.
#include "builder/build/build.hpp"

#include <algorithm>

#include "builder/base/digest.hpp"
#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/progress.hpp"
#include "builder/base/text.hpp"
#include "builder/build/inputs.hpp"
#include "builder/build/manifest.hpp"
#include "builder/build/packages.hpp"
#include "builder/distro/distro.hpp"
#include "builder/distro/kernel.hpp"
#include "builder/media/media.hpp"
#include "builder/media/squashfs.hpp"
#include "builder/tree/overlay.hpp"
#include "init/contract/boot_configuration.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

/// What one build works with, from the first step to the last.
struct Build {
  const BuildOptions& options;
  const Recipe& recipe;
  const BuildPlaces& places;
  const Universe& universe;
  const std::vector<Package>& packages;
  const fs::path& scratch;  ///< a folder on the output's file system that goes away with the build
  std::shared_ptr<Spool> spool;
  std::string build_id;
  Progress& progress;
};

/// The same inputs give the same id, on any machine: recipe, exact packages, overlays and init.
std::string make_build_id(const Recipe& recipe, const BuildPlaces& places, const std::vector<Package>& packages,
                          bool fast) {
  Sha256Stream stream;
  stream.update("lifeboat build 1\n" + canonical_text(recipe) + (fast ? "fast\n" : ""));
  for (const Package& package : packages)
    stream.update(package.name + " " + package.version + " " + package.sha256 + "\n");
  stream.update(overlays_digest(places, recipe) + "\n" + sha256_of_file(places.init_binary) + "\n");
  return stream.finish().substr(0, 32);
}

/// Recipe's settings, unless quick compression was asked for.
Recipe::Squashfs squashfs_settings(const Build& build) {
  Recipe::Squashfs settings = build.recipe.squashfs;
  if (build.options.fast) settings = {.compression = "zstd", .level = 3, .block_size = settings.block_size};
  return settings;
}

Tree unpack_packages(const Build& build, const Distribution& distribution,
                     const std::vector<UnpackedPackage>& packages) {
  Tree tree;
  distribution.prepare(tree);
  for (const UnpackedPackage& package : packages) unpack_into(tree, package.members, package.package.name);
  return tree;
}

FinishInput finish_input(const Build& build, const std::vector<UnpackedPackage>& packages) {
  return {.recipe = build.recipe,
          .packages = packages,
          .spool = build.spool,
          .time = build.universe.newest,
          .scratch = build.scratch};
}

}  // namespace
}  // namespace lifeboat
