#pragma once
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "builder/base/error.hpp"
#include "builder/boot/boot.hpp"
#include "builder/build/options.hpp"

namespace lifeboat {

/// The command line itself is wrong: exit status 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// `--help` and `--version`: what to print.
struct PrintText {
  std::string text;
};

/// `lifeboat check`.
struct CheckOptions {
  std::vector<std::filesystem::path> recipes;
};

using CommandLine = std::variant<PrintText, BuildOptions, LockOptions, OutdatedOptions, PlanOptions, DiffOptions,
                                 VerifyOptions, PatchOptions, CheckOptions, BootOptions>;

/// `arguments` without the program's name. Throws UsageError.
CommandLine parse_command_line(const std::vector<std::string>& arguments);

}  // namespace lifeboat
