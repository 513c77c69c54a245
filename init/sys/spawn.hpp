#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// A program to start. argv[0] is its absolute path; no shell is involved. It gets a session of its own.
struct Command {
  std::vector<std::string> argv;
  std::vector<std::string> environment = {};  ///< "NAME=value", added to PATH, HOME and LANG
  std::string terminal = {};                  ///< its controlling terminal and standard streams; empty: /dev/null
  bool background = false;                    ///< yields the processor to whoever has just logged in
  const Fd* output = nullptr;                 ///< takes standard output and error
};

/// Returns once the program has been executed. A Failure names the stage that failed ("starting /sbin/agetty: opening
/// its terminal: ...") and leaves no child behind.
Result<pid_t> spawn(const Command& command);

/// This process's session yields the processor to the others (the kernel shares it among sessions first, then among
/// processes, so nice(2) would not do). Async-signal-safe.
void run_in_background();

/// "exit status 3" or "signal 9 (Killed)" from a wait status.
std::string describe_end(int wait_status);

}  // namespace lifeboat::init
