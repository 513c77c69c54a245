#pragma once
#include "builder/recipe/recipe.hpp"
#include "builder/recipe/values.hpp"

namespace lifeboat {

/// Reads one file's root table into the recipe. Lists grow, tables grow key by key, single values replace what an
/// included file said.
void read_keys(const TomlValue& root, Recipe& recipe, Reading& reading);

/// Faults for the required keys that no file has.
void check_required(Reading& reading);

/// For a known key that stands below the wrong [table], which TOML makes easy: where it belongs. Else "".
std::string elsewhere_hint(std::string_view key);

}  // namespace lifeboat
