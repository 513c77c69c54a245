#pragma once
// Everything around a build that must not matter: same recipe, same packages, same bytes.
#include <filesystem>
#include <string>
#include <vector>

#include "builder/tests/build/small_archive.hpp"

namespace lifeboat::testing {

/// Who builds, and in what kind of process; times, languages and orders are in `environment`.
struct Surroundings {
  bool as_nobody = false;  ///< where the test itself runs as root
  bool one_core = false;
  std::string umask;  ///< "0022"
  Environment environment;

  /// The command as it is run there. `folder` and what is in it are given to the user: home, working directory, and all
  /// there is to write to.
  Outcome run(const std::vector<std::string>& argv, const std::filesystem::path& folder) const;
};

/// Who runs the test, C.UTF-8, UTC, umask 0077, names of folders forwards.
Surroundings plain_surroundings();
/// Nobody, Turkish (whose i and I are no pair), fourteen hours ahead, umask 0000, one core, more than a year later,
/// names of folders backwards.
Surroundings odd_surroundings();

/// The program and its init, which everybody can run, whatever folder the project was built in.
std::filesystem::path program_for_everybody();
std::filesystem::path init_for_everybody();

/// Lets everybody read the folder and all below it.
void open_to_everybody(const std::filesystem::path& folder);

}  // namespace lifeboat::testing
