#include "builder/cli/check.hpp"

#include <ostream>

#include "builder/cli/report.hpp"

namespace lifeboat {

int check_recipes(const CheckOptions& options, const RecipeVocabulary& vocabulary, std::ostream& good,
                  std::ostream& bad) {
  int status = 0;
  for (const std::filesystem::path& file : options.recipes) {
    try {
      const Recipe recipe = read_recipe(file, vocabulary);
      good << file.string() << ": ok (" << recipe.packages.size() << " packages)\n" << std::flush;
    } catch (const Interrupted&) {
      throw;
    } catch (const Error& error) {
      bad << error_text(error) << std::flush;
      status = 1;
    }
  }
  return status;
}

}  // namespace lifeboat
