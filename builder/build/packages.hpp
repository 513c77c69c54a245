#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "builder/base/progress.hpp"
#include "builder/fetch/cache.hpp"
#include "builder/fetch/deb_repository.hpp"
#include "builder/package/deb_reader.hpp"
#include "builder/package/package.hpp"
#include "builder/recipe/recipe.hpp"

namespace lifeboat {

/// What the verified repositories of a recipe hold.
struct Universe {
  struct Signed {
    std::string name, suite, date;  ///< date as the Release says it
  };
  std::vector<Package> packages;
  std::vector<Signed> repositories;
  std::int64_t newest = 0;  ///< Unix time of the youngest Release: the image's one time stamp
};

/// Everything that fetching needs, in one place.
struct FetchTools {
  const Mirrors& mirrors;
  Cache& cache;
  Downloader& downloader;
  bool offline;
};

Universe read_repositories(const Recipe& recipe, const FetchTools& tools, Progress& progress);

/// The exact packages of the image, sorted by name.
std::vector<Package> resolve_packages(const Recipe& recipe, const Universe& universe, Progress& progress);

/// Every package file in the cache, verified.
void fetch_packages(const Recipe& recipe, const std::vector<Package>& packages, const FetchTools& tools,
                    Progress& progress);

/// Reads all packages, on every core, into the spool; in the order of `packages`.
std::vector<UnpackedPackage> read_packages(const std::vector<Package>& packages, const Cache& cache, Spool& spool,
                                           Progress& progress);

}  // namespace lifeboat
