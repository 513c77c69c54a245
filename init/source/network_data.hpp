#pragma once
#include <string_view>

#include "init/net/plan.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// OpenStack's network_data.json: nova/doc/api_schemas/network_data.json and, beyond it, what Nova, Ironic and public
/// clouds write. Static IPv6 switches router advertisements off, as cloud-init has it.
Result<NetworkPlan> parse_network_data(std::string_view json);

}  // namespace lifeboat::init
