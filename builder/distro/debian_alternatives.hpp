#pragma once
#include <span>
#include <string_view>
#include <vector>

namespace lifeboat {

/// A link that follows its master: `nawk` goes where `awk` goes.
struct AlternativeSlave {
  std::string_view name, link, target;
};

/// One program that offers itself under a generic name, as a package's script registers it. Manual pages are left out.
struct AlternativeChoice {
  std::string_view name;    ///< "editor"
  std::string_view link;    ///< "/usr/bin/editor"
  std::string_view target;  ///< "/bin/nano"
  int priority = 0;
  std::vector<AlternativeSlave> slaves = {};
};

/// The declared table; the choices of one name stand together.
std::span<const AlternativeChoice> alternative_choices();

}  // namespace lifeboat
