#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "init/sys/clock.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// How a program that was waited for ended.
struct ProgramEnd {
  int status = 0;      ///< as waitpid(2) has it
  std::string output;  ///< standard output and error, where it was captured; at most ProgramRun::most_output bytes

  bool ok() const { return status == 0; }
  /// "exit status 5: <the last line that it wrote>"
  std::string words() const;
};

struct ProgramRun {
  std::vector<std::string> argv;              ///< argv[0]: its absolute path
  std::vector<std::string> environment = {};  ///< "NAME=value", added to this process's own
  std::string_view input = {};                ///< its standard input; empty: /dev/null, or with `foreground` ours
  Milliseconds limit{60'000};                 ///< then it is killed; zero: it may take as long as it wants
  bool foreground = false;                    ///< it has our terminal: nothing is captured, Ctrl-C goes to it alone
  std::string root = {};                      ///< chroot(2) there first; empty: none
  std::size_t most_output = 1 << 20;
};

/// Runs it and waits for its end. For the commands of `rescue`; PID 1 has spawn() and its loop. A Failure: it could not
/// be started, or its time was over ("lvchange did not end within 60 s").
Result<ProgramEnd> run_program(const ProgramRun& run);

/// As run_program; an end other than with status 0 is a Failure, too: "DOING: exit status 5: ...". Its output else.
Result<std::string> run_checked(const std::string& doing, const ProgramRun& run);

}  // namespace lifeboat::init
