// Wires and reports: one command, one catch, one exit.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "builder/base/interrupt.hpp"
#include "builder/cli/report.hpp"
#include "builder/cli/run_command.hpp"

int main(int argc, char** argv) {
  lifeboat::catch_interrupts();
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    return lifeboat::run_command(lifeboat::parse_command_line(arguments));
  } catch (const std::exception& error) {
    std::cerr << lifeboat::error_text(error);
    // Also where the command line itself is wrong: whoever asked for events waits for the last one.
    if (std::find(arguments.begin(), arguments.end(), "--json") != arguments.end()) lifeboat::print_error_event(error);
    return lifeboat::exit_status(error);
  }
}
