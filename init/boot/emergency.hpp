#pragma once
#include <string>

#include "init/boot/machine.hpp"

namespace lifeboat::init {

/// The rescue root cannot be entered: says why and what was tried, and gives a shell on every console for as long as
/// anybody wants one.
[[noreturn]] void stay_in_emergency(Machine& machine, const std::string& why);

/// A bug that would end PID 1 (and with it the machine) says so on the console instead, and leaves everything else
/// running.
void survive_crashes();

}  // namespace lifeboat::init
