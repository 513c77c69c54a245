#pragma once
#include <span>
#include <string>
#include <vector>

#include "builder/package/package.hpp"

namespace lifeboat {

struct ResolveRequest {
  std::string architecture;
  std::vector<std::string> install;   ///< package names that must be there
  std::vector<std::string> provided;  ///< the image itself stands in for these names: never installed, meet any version
  bool essential = true;              ///< also install every Essential: yes package
};

/// Chooses the packages with libsolv's core. `universe` may hold several versions of a name; only the highest can be
/// chosen (as in apt: an older one never comes back to please a dependency), and all repositories rank alike. The first
/// alternative of `a | b` wins, as in apt; Recommends are not followed. Returns indices into `universe`, sorted by
/// package name. The result has passed check_closure. Throws Error: unknown package ("did you mean"), or why the
/// request cannot be met, in words a person understands.
std::vector<std::size_t> resolve(std::span<const Package> universe, const ResolveRequest& request);

/// The independent judge: every Pre-Depends and Depends of the chosen packages is met by them or by `provided`, nothing
/// conflicts or breaks, every requested name is there. Returns one sentence per fault; empty means closed.
std::vector<std::string> check_closure(std::span<const Package> chosen, const ResolveRequest& request);

}  // namespace lifeboat
