#pragma once
#include "init/boot/machine.hpp"

namespace lifeboat::init {

/// Has the kernel write-protect every disk but our own medium, in a worker, and waits for it for a moment: what follows
/// may open disks. Once the root is entered.
void protect_all_disks(Machine& machine);

/// A disk or partition has come or changed: the same for what is there now, beside everything else.
void protect_new_disks(Machine& machine);

}  // namespace lifeboat::init
