#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "builder/build/packages.hpp"
#include "builder/package/package.hpp"
#include "builder/recipe/recipe.hpp"

namespace lifeboat {

/// What `manifest.json` says beside what can be read off the files themselves.
struct ManifestInput {
  const Recipe& recipe;
  const Universe& universe;
  const std::vector<Package>& packages;
  std::string build_id;
  std::string recipe_digest;
  std::string kernel_release;
  std::string kernel_arguments;  ///< the whole command line that the image is meant to boot with
  std::uint64_t root_size = 0;   ///< bytes of the squashfs
};

/// Writes folder/manifest.json: what was built from what, and the SHA-256 and size of every file of `outputs`.
void write_manifest(const std::filesystem::path& folder, const ManifestInput& input,
                    const std::vector<std::string>& outputs);

}  // namespace lifeboat
