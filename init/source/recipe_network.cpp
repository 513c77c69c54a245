#include "init/source/recipe_network.hpp"

#include "init/source/network_config.hpp"
#include "init/source/source.hpp"

namespace lifeboat::init {

Result<Findings> read_recipe_network(const Platform& platform) {
  if (platform.recipe_network.empty()) return nothing_there("the recipe has no network.config");
  Findings findings;
  take_network(parse_network_config(platform.recipe_network), findings);
  return findings;
}

}  // namespace lifeboat::init
