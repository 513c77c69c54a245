#pragma once
#include <string>
#include <string_view>

#include "builder/recipe/recipe.hpp"

namespace lifeboat {

/// The name under which dpkg knows what the rescue image itself brings.
inline constexpr std::string_view rescue_package_name = "lifeboat-rescue";

/// A status stanza, blank line included, of a package that provides every name of the recipe's `provided`, in a version
/// above all others: without it, apt would see broken dependencies and refuse to install anything.
std::string rescue_package_stanza(const Recipe& recipe);

}  // namespace lifeboat
