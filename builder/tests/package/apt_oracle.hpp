#pragma once
#include <set>
#include <span>
#include <string>
#include <vector>

#include "builder/base/file.hpp"

namespace lifeboat {

/// The real apt over given `Packages` texts in a private folder: nothing of the host's sources, status or
/// configuration. Its package cache is kept between questions, so that one over all of Debian takes some 0.5 s.
/// Several threads may ask at a time while `provided` stays the same.
class AptOracle {
 public:
  explicit AptOracle(std::span<const std::string> indexes);

  struct Answer {
    bool solvable = false;
    std::string reason;            ///< apt's errors where not solvable
    std::set<std::string> chosen;  ///< "name=version" of what would be installed
    bool removes = false;          ///< it would remove something that counts as installed
  };

  /// What `apt-get --no-install-recommends install NAMES` would do where only `provided` are installed (as dummies of a
  /// very high version). A name may be "?essential" or "name=version".
  /// It is asked with --print-uris, which ends before apt simulates the order of unpacking: four times as fast as -s.
  Answer install(const std::vector<std::string>& names, const std::vector<std::string>& provided = {}) const;

  /// What `apt-get -s install LABELS` would do in a universe of these packages (a `Packages` text) and no other: it
  /// unpacks and configures them in an order, and refuses when something is broken on the way. Over a universe that is
  /// no larger than the answer this takes a twentieth of a second; over all of Debian, seconds for the same.
  Answer simulate(const std::string& packages, const std::set<std::string>& labels) const;

 private:
  void write_configuration(std::size_t indexes) const;
  void write_status(const std::vector<std::string>& provided) const;

  TempDir folder_;
};

}  // namespace lifeboat
