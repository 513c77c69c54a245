#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "init/sys/program.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// What the person asked `rescue copy` for.
struct CopyWish {
  std::string source;
  std::string target;
  bool yes = false;
};

using ResultPairs = std::vector<std::pair<std::string_view, std::string>>;

/// Prints the line for programs. Returns `code`.
int end_copy(std::string_view status, const CopyWish& wish, ResultPairs more, int code);

/// Nothing was copied: says why. Returns the exit status.
int refuse_copy(const std::string& why, const CopyWish& wish);

/// Shows the command line and runs it on the terminal, as long as it takes.
Result<ProgramEnd> run_on_terminal(const std::vector<std::string>& argv);

}  // namespace lifeboat::init
