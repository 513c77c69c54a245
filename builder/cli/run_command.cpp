#include "builder/cli/run_command.hpp"

#include <iostream>

#include "builder/cli/check.hpp"

namespace lifeboat {
namespace {

int run(const PrintText& print) {
  std::cout << print.text << std::flush;
  return 0;
}

int run(const BuildOptions& options) {
  build_image(options);
  return 0;
}

int run(const CheckOptions& options) { return check_recipes(options, recipe_vocabulary(), std::cout, std::cerr); }

int run(const BootOptions& options) { return boot_image(options); }

}  // namespace

int run_command(const CommandLine& command_line) {
  return std::visit([](const auto& command) { return run(command); }, command_line);
}

}  // namespace lifeboat
