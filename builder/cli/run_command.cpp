#include "builder/cli/run_command.hpp"

#include <iostream>

#include "builder/build/build.hpp"
#include "builder/build/diff.hpp"
#include "builder/build/lock_command.hpp"
#include "builder/build/outdated.hpp"
#include "builder/build/patch.hpp"
#include "builder/build/plan.hpp"
#include "builder/build/verify.hpp"
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

int run(const LockOptions& options) {
  write_lock(options, std::cout);
  return 0;
}

int run(const OutdatedOptions& options) { return list_outdated(options, std::cout); }

int run(const PlanOptions& options) {
  plan_image(options, std::cout);
  return 0;
}

int run(const DiffOptions& options) {
  print_difference(options, std::cout);
  return 0;
}

int run(const VerifyOptions& options) {
  verify_output(options, std::cout);
  return 0;
}

int run(const PatchOptions& options) {
  patch_image(options, std::cout);
  return 0;
}

int run(const CheckOptions& options) { return check_recipes(options, recipe_vocabulary(), std::cout, std::cerr); }

int run(const BootOptions& options) { return boot_image(options); }

}  // namespace

int run_command(const CommandLine& command_line) {
  return std::visit([](const auto& command) { return run(command); }, command_line);
}

}  // namespace lifeboat
