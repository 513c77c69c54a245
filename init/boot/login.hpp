#pragma once
#include "init/boot/machine.hpp"

namespace lifeboat::init {

// The way to the first login: what does not depend on each other runs side by side, an `await_` step waits for it.

/// ssh-keygen, beside everything else.
void start_host_key(Machine& machine);
/// Looks for config drives, beside everything else.
void start_sources(Machine& machine);
/// All cards, beside everything else.
void start_network(Machine& machine);

void await_sources(Machine& machine);
/// What the sources gave: the hash into /etc/shadow (or a lock), keys into /root/.ssh, the host name.
void set_password_and_keys(Machine& machine);
void await_host_key(Machine& machine);
/// Only if somebody can log in.
void start_sshd(Machine& machine);
void await_sshd(Machine& machine);
void await_network(Machine& machine);
/// The report's head and the READY line on every console.
void announce_ready(Machine& machine);

}  // namespace lifeboat::init
