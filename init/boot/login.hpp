#pragma once
#include "init/boot/machine.hpp"

namespace lifeboat::init {

// The way to the first login: what does not depend on each other runs side by side, an `await_` step waits for it.

/// Which settings it is too old for, beside everything else.
void start_look_at_sshd(Machine& machine);
/// All cards, beside everything else.
void start_network(Machine& machine);

/// Only if somebody can log in.
void start_sshd(Machine& machine);
/// With what may now come in, where that changed while it ran.
void restart_sshd(Machine& machine);
void await_sshd(Machine& machine);
void await_network(Machine& machine);
/// The READY line alone: again, where what it says has changed.
void say_ready(Machine& machine);
/// With what stands before it: the system, the host key.
void say_all_ready(Machine& machine);
/// The report's head and the READY line on every console.
void announce_ready(Machine& machine);

}  // namespace lifeboat::init
