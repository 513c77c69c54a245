#pragma once
#include "init/boot/machine.hpp"

namespace lifeboat::init {

/// From now on new devices get their drivers, new disks are looked at for a config drive, and a power button ends the
/// session.
void follow_devices(Machine& machine);

/// Events that have come and were not read yet: before it is asked what is there.
void take_pending_devices(Machine& machine);

/// The distribution's udevd, for /dev/disk/by-* and what else its tools expect.
void start_udev(Machine& machine);
/// Has it look at all devices that were there before it, some seconds after its start.
void trigger_udev(Machine& machine);

}  // namespace lifeboat::init
