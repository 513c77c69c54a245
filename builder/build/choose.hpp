#pragma once
#include <vector>

#include "builder/base/progress.hpp"
#include "builder/build/lock.hpp"
#include "builder/build/packages.hpp"
#include "builder/build/steps.hpp"

namespace lifeboat {

/// What the verified repositories hold now.
struct Universe {
  std::vector<Package> packages;
  std::vector<Lock::Repository> repositories;  ///< as asked for, each with the date of its Release
};

/// Signature -> Release -> index, of every repository. A repository that has a date already (from a lock) must not be
/// older than that: an older Release is a replay. Throws Error.
/// `without`: as Lock::without; those dependencies are not there then.
Universe read_universe(const std::vector<Lock::Repository>& repositories, const std::string& architecture,
                       const std::vector<std::string>& without, const FetchTools& tools, Progress& progress);

/// The lock that `universe` gives for what `request` asks for.
Lock resolve_lock(const Lock& request, const Universe& universe, const std::filesystem::path& recipe);

/// The exact packages of the image as the repositories have them now. What was chosen before from the same indexes for
/// the same request is not chosen again.
Lock choose_packages(const Recipe& recipe, const FetchTools& tools, const StepStore& store, Progress& progress);

}  // namespace lifeboat
