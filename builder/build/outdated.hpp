#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "builder/build/choose.hpp"
#include "builder/build/lock.hpp"
#include "builder/build/options.hpp"

namespace lifeboat {

/// A locked package that the repositories have in a newer version.
struct OutdatedPackage {
  std::string name, locked, newest;
  std::string repository;  ///< that has the newest
  bool security = false;   ///< a security repository has one that is newer than the locked
};

/// Sorted by name. A repository is one for security updates when its suite says so: SUITE-security, as Debian and its
/// descendants name them.
std::vector<OutdatedPackage> find_outdated(const Lock& lock, const Universe& universe);

/// `lifeboat outdated`: lists them on `out`. Returns the exit status: 10 when there are any, else 0.
int list_outdated(const OutdatedOptions& options, std::ostream& out);

}  // namespace lifeboat
