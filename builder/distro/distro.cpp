#include "builder/distro/distro.hpp"

#include <array>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

constexpr std::array<Distribution, 1> table{{
    {.name = "debian",
     .prepare = prepare_debian,
     .finish = finish_debian,
     .warnings = warnings_debian,
     .boot_loaders = boot_loaders_debian},
}};

}  // namespace

std::span<const Distribution> distributions() { return table; }

const Distribution& find_distribution(std::string_view name) {
  std::vector<std::string> names;
  for (const Distribution& distribution : table) {
    if (distribution.name == name) return distribution;
    names.emplace_back(distribution.name);
  }
  const std::string near = did_you_mean(name, names);
  throw Error("no distribution is called `" + printable(name) + "`",
              near.empty() ? "known: " + join(names, ", ") : "did you mean `" + near + "`?");
}

}  // namespace lifeboat
