#pragma once
#include "builder/cli/command_line.hpp"

namespace lifeboat {

/// Does what was asked and returns the exit status. Throws Error.
int run_command(const CommandLine& command_line);

}  // namespace lifeboat
