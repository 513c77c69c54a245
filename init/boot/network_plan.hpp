#pragma once
#include "init/boot/machine.hpp"

namespace lifeboat::init {

// Which document configures the network: what was set by hand, else the first source that has one, else (where the
// recipe says so, and nothing came up) the original system's.

/// Whenever a source's answer has come: puts into force what goes first now, once the kernel has what it needs for it.
void take_network_plan(Machine& machine);
/// Documents that are at hand were read: DHCP begins on the cards that none speaks of.
void let_dhcp_begin(Machine& machine);
/// `rescue network set` left a plan there, or took it away.
void take_network_by_hand(Machine& machine, const std::string& file);
/// After the network had its time without an address: asks the system on the original disk, where the recipe wants it.
void ask_for_original_network(Machine& machine);

}  // namespace lifeboat::init
