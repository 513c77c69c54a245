#pragma once
#include <string>
#include <vector>

#include "init/net/plan.hpp"

namespace lifeboat::init {

/// What Nova's XenAPI driver puts below vm-data/networking: one JSON document for each card. One that is broken is a
/// note.
NetworkPlan parse_xenstore_network(const std::vector<std::string>& documents);

}  // namespace lifeboat::init
