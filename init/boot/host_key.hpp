#pragma once
#include "init/boot/machine.hpp"

namespace lifeboat::init {

/// ssh-keygen, beside everything else.
void start_host_key(Machine& machine);
/// The key that sshd will have: one that a source gave; else, where the recipe says so, that of the system on the
/// original disk (logins wait for the disks then, within a bound); else the new one.
void await_host_key(Machine& machine);

}  // namespace lifeboat::init
