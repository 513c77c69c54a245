#pragma once
#include "init/source/plan_builder.hpp"

namespace lifeboat::init {

/// Version 2 of cloud-init's network-config, which is netplan's YAML: ethernets, bonds, vlans, bridges.
void read_network_config_v2(const Json& network, PlanBuilder& builder);

}  // namespace lifeboat::init
