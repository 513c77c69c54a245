#pragma once
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "builder/package/package.hpp"
#include "builder/tests/package/apt_oracle.hpp"

namespace lifeboat {

/// Debian 12's real packages, parsed and handed to apt once for all tests of the program.
struct Debian {
  std::vector<std::string> texts;
  std::vector<Package> universe;
  AptOracle apt;
  std::unordered_map<std::string, std::string_view> stanzas;  ///< "name=version" -> its stanza in `texts`

  Debian();
  Debian(const Debian&) = delete;
  Debian& operator=(const Debian&) = delete;

 private:
  void note_stanzas(std::string_view text);
};

const Debian& debian();

/// apt takes the chosen packages ("name=version") as they are: asked for them by name, it chooses the same versions,
/// nothing is missing, nothing more comes, nothing goes.
/// Returns what it has against them, or "".
std::string objection(const AptOracle& apt, const std::set<std::string>& chosen,
                      const std::vector<std::string>& provided);
/// The same of packages of Debian, which apt unpacks and configures in simulation, too.
std::string objection(const Debian& debian, const std::set<std::string>& chosen);

}  // namespace lifeboat
