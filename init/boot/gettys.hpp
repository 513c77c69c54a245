#pragma once
#include <string>

#include "init/boot/machine.hpp"
#include "init/sys/spawn.hpp"

namespace lifeboat::init {

/// The terminal that a console's name stands for: tty0 is whatever is in front, where tty1 is at the start.
std::string terminal_of(const std::string& console);

/// A login prompt there: the distribution's agetty, or busybox's getty.
Command make_getty_command(const std::string& terminal);

/// A login prompt on every console in use, and on those that drivers bring later.
void start_gettys(Machine& machine);

/// From now on what is said is also shown on consoles that drivers bring while the machine boots and runs (virtio's
/// hvc0). One that comes after READY is told it as well.
void follow_consoles(Machine& machine);

}  // namespace lifeboat::init
