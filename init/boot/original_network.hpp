#pragma once
#include <functional>

#include "init/boot/machine.hpp"
#include "init/net/plan.hpp"

namespace lifeboat::init {

/// Asks the system on the original disk how its network is configured, read-only and in a worker; `take` is called
/// once, within half a minute, later or at once. The plan's first note says where it is from. A Failure: why there is
/// none. Only for where the recipe says so: the disk is mounted (without recovery) for it.
void ask_original_network(Machine& machine, std::function<void(Result<NetworkPlan>)> take);

}  // namespace lifeboat::init
