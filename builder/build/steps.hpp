#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "builder/base/digest.hpp"
#include "builder/fetch/cache.hpp"

namespace lifeboat {

/// What earlier builds have made, by the digest of everything that decides its bytes: CACHE/steps/NAME-KEY/, a folder
/// of files each. A result appears there whole or not at all; its reader checks the bytes again. What nobody has used
/// for two weeks is swept.
class StepStore {
 public:
  /// `reuse` false: nothing is found, so that every step is done again (what it makes is still kept).
  StepStore(const Cache& cache, bool reuse);

  /// The folder of a finished result.
  std::optional<std::filesystem::path> find(std::string_view name, const Sha256& key) const;
  /// Runs `make` on a new folder, then keeps the folder. Returns where it is.
  std::filesystem::path keep(std::string_view name, const Sha256& key,
                             const std::function<void(const std::filesystem::path&)>& make) const;

 private:
  std::filesystem::path place_of(std::string_view name, const Sha256& key) const;
  std::filesystem::path folder_;
  bool reuse_;
};

/// What decides the bytes beside the inputs of a step: this program and the tools that it starts. Part of every key.
std::string builder_identity();

/// Name -> version of this program and of the host's tools that shape the bytes of an image with these media; for the
/// manifest.
std::map<std::string, std::string> tool_versions(const std::vector<std::string>& media);

}  // namespace lifeboat
