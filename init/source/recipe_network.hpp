#pragma once
#include "init/source/findings.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// The recipe's network.config: whoever built the image wrote it for machines that no other source tells anything.
Result<Findings> read_recipe_network(const Platform& platform);

}  // namespace lifeboat::init
