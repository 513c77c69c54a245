#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "builder/build/lock.hpp"
#include "builder/fetch/cache.hpp"
#include "builder/media/media.hpp"
#include "builder/recipe/recipe.hpp"

namespace lifeboat {

/// The packages of the recipe's distribution that its media take boot loaders from; sorted, none for netboot.
std::vector<std::string> boot_package_names(const Recipe& recipe);

/// The boot loaders that the recipe's media need, as files in `folder`, from the lock's boot packages in the cache.
/// Throws Error for a package that does not have what it should.
BootLoaders unpack_boot_loaders(const Recipe& recipe, const Lock& lock, const Cache& cache,
                                const std::filesystem::path& folder);

}  // namespace lifeboat
