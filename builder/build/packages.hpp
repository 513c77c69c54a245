#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "builder/base/progress.hpp"
#include "builder/build/lock.hpp"
#include "builder/fetch/cache.hpp"
#include "builder/fetch/deb_repository.hpp"
#include "builder/package/deb_reader.hpp"

namespace lifeboat {

/// Everything that fetching needs, in one place.
struct FetchTools {
  const Mirrors& mirrors;
  Cache& cache;
  Downloader& downloader;
  bool offline;
};

/// Bytes of all package files.
std::uint64_t total_size(const std::vector<Package>& packages);

/// "bash_5.2.15-2_amd64.deb"
std::string file_name(const Package& package);

/// The package files of `packages`, which are of the lock, in the cache, verified. What the mirror has dropped comes
/// from the dated snapshot archive, where one is known. Throws Error; FilesGone, with `hint_if_gone`, for packages that
/// nobody has any more.
void fetch_packages(const Lock& lock, const std::vector<Package>& packages, const FetchTools& tools,
                    const std::string& hint_if_gone, Progress& progress);

/// Reads all packages, on every core, into the spool; in the order of the lock. Then judges the whole: what the
/// packages themselves say they need must be there, whatever the lock says. Throws Error.
std::vector<UnpackedPackage> read_packages(const Lock& lock, const Cache& cache, Spool& spool, Progress& progress);

}  // namespace lifeboat
