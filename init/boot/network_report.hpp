#pragma once
#include "init/boot/machine.hpp"

namespace lifeboat::init {

/// The network as it is now, into the report. After READY a new address is said on the consoles too.
void take_network_change(Machine& machine);

}  // namespace lifeboat::init
