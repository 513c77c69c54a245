#pragma once
#include <string_view>

#include "init/net/plan.hpp"
#include "init/source/plan_builder.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// cloud-init's network-config, version 1 or 2 (netplan), also below `network:`. One that is "disabled" is empty.
Result<NetworkPlan> parse_network_config(std::string_view yaml);
/// The same, of a document's part.
void read_network_config(const Json& document, PlanBuilder& builder);

/// Version 1's list `config`.
void read_network_config_v1(const Json& config, PlanBuilder& builder);

}  // namespace lifeboat::init
