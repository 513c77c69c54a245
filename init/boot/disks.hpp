#pragma once
#include "init/boot/machine.hpp"
#include "init/disk/discover.hpp"

namespace lifeboat::init {

/// What discovery has to know of how the rescue system was started.
DiscoverOptions discover_options(const Machine& machine);

/// Looks at all disks in a worker, and shows what was found on the consoles and in the report. Waits for it for some
/// seconds; what takes longer is shown when it is there.
void look_at_disks(Machine& machine);

}  // namespace lifeboat::init
