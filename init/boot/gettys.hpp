#pragma once
#include <string>

#include "init/boot/machine.hpp"
#include "init/sys/spawn.hpp"

namespace lifeboat::init {

/// The terminal that a console's name stands for: tty0 is whatever is in front, where tty1 is at the start.
std::string terminal_of(const std::string& console);

/// A login prompt there: the distribution's agetty, or busybox's getty.
Command make_getty_command(const std::string& terminal);

/// A login prompt on every console in use.
void start_gettys(Machine& machine);

}  // namespace lifeboat::init
