#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "builder/base/digest.hpp"
#include "builder/fetch/cache.hpp"
#include "builder/fetch/downloader.hpp"
#include "builder/fetch/mirrors.hpp"

namespace lifeboat {

/// A file known by its digest, and where it can be had.
struct KnownFile {
  std::vector<std::string> urls;
  Sha256 sha256;
  std::uint64_t size = 0;
  std::string name;  ///< for messages
  std::string hint;  ///< when no URL has it
};

/// Brings every file into the cache, verified; what is there already has its bytes looked at again. `progress` hears
/// bytes done and bytes in all. With `offline`, throws Error listing what the cache lacks.
void fetch_into_cache(const std::vector<KnownFile>& files, Cache& cache, Downloader& downloader, bool offline,
                      const std::function<void(std::uint64_t, std::uint64_t)>& progress);

/// What to do when no mirror of that name has a file.
std::string mirror_hint(std::string_view mirror);

}  // namespace lifeboat
