// Wires and reports: one command, one catch, one exit.
#include <iostream>
#include <string>
#include <vector>

#include "builder/base/interrupt.hpp"
#include "builder/cli/report.hpp"
#include "builder/cli/run_command.hpp"

int main(int argc, char** argv) {
  lifeboat::catch_interrupts();
  try {
    return lifeboat::run_command(lifeboat::parse_command_line(std::vector<std::string>(argv + 1, argv + argc)));
  } catch (const std::exception& error) {
    std::cerr << lifeboat::error_text(error);
    return lifeboat::exit_status(error);
  }
}
