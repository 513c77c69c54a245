#include "builder/cli/check.hpp"
#include "builder/distro/distro.hpp"
#include "builder/media/media.hpp"

namespace lifeboat {

RecipeVocabulary recipe_vocabulary() {
  RecipeVocabulary vocabulary;
  for (const Distribution& distribution : distributions()) vocabulary.distributions.emplace_back(distribution.name);
  for (const Medium& medium : media()) vocabulary.media.emplace_back(medium.name);
  return vocabulary;
}

}  // namespace lifeboat
