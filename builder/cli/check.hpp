#pragma once
#include <iosfwd>

#include "builder/cli/command_line.hpp"
#include "builder/recipe/recipe.hpp"

namespace lifeboat {

/// One line per good recipe to `good`, every error of the others to `bad`. Returns the exit status: 0 or 1.
int check_recipes(const CheckOptions& options, const RecipeVocabulary& vocabulary, std::ostream& good,
                  std::ostream& bad);

}  // namespace lifeboat
