#pragma once
#include <string>

#include "init/boot/machine.hpp"

namespace lifeboat::init {

enum class SessionEnd { reboot, power_off, halt };

/// The orderly end: services, then everybody else, are asked and then made to stop; disks are synced and unmounted.
/// Each part has its bound, and whatever hangs, the machine ends. It returns only where the end is under way already:
/// to what was asked for meanwhile.
void end_session(Machine& machine, SessionEnd how, const std::string& why);

/// Takes over the signals that end the session: SIGTERM and Ctrl-Alt-Del (SIGINT) reboot, SIGUSR2 and SIGPWR power off,
/// SIGUSR1 halts; the same as busybox's init, so that its `poweroff` works too.
void follow_end_signals(Machine& machine);

}  // namespace lifeboat::init
