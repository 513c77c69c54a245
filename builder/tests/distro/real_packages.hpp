#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "builder/package/deb_reader.hpp"
#include "builder/recipe/recipe.hpp"

namespace lifeboat {

/// The packages of a recipe, chosen and fetched by apt-get from the machine's mirrors into a folder below the build
/// folder, once for each choice.
std::vector<std::filesystem::path> fetch_real_packages(const Recipe& recipe);

/// Each opened, contents in `spool`; sorted by name.
std::vector<UnpackedPackage> read_real_packages(const std::vector<std::filesystem::path>& files, Spool& spool);

}  // namespace lifeboat
