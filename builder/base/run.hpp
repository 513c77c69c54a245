#pragma once
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "builder/base/fd.hpp"

namespace lifeboat {

/// A program to start: no shell, a short fixed environment (PATH, LC_ALL=C.UTF-8, TZ=UTC, HOME=/nonexistent) plus
/// `environment`, every descriptor but 0, 1, 2 and `keep` closed.
struct Command {
  std::vector<std::string> argv;  ///< argv[0] is looked up in PATH
  std::string needed_for = {};    ///< completes "PROGRAM is needed for ..." when it is missing
  std::map<std::string, std::string> environment = {};
  std::filesystem::path directory = {};  ///< working directory; empty: the caller's
  std::string input = {};                ///< standard input; empty: closed (/dev/null)
  std::vector<int> keep = {};            ///< descriptors that stay open under the same number
  std::chrono::seconds timeout{600};     ///< then SIGKILL and Error
};

struct Outcome {
  int status = 0;  ///< exit status; 128 + N when killed by signal N
  std::string out;
  std::string err;
};

/// Runs the program to its end, whatever its status. Throws Error for a missing program (with the Debian package that
/// has it as hint), a timeout, and Interrupted (the child is killed first).
Outcome run(const Command& command);

/// Like run, but any status other than 0 is an Error with the quoted command, the status and its last lines.
/// Returns standard output.
std::string run_checked(const Command& command);

/// Like run_checked, but hands standard output on in pieces while the program runs: for more than fits in memory. What
/// `sink` throws ends the program and comes through.
void run_reading(const Command& command, const std::function<void(std::string_view)>& sink);

/// A program that reads what we write to it: `tar2sqfs` fed with a tar.
class Pipe {
 public:
  explicit Pipe(const Command& command);  ///< command.input is not used
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe();  ///< kills the program when finish() was not reached

  /// Throws the program's own error when it ended early.
  void write(std::string_view bytes);
  /// Closes its input and waits; any status other than 0 is an Error as in run_checked. Returns standard output.
  std::string finish();

 private:
  Command command_;
  pid_t pid_ = -1;
  Fd input_, out_, err_;  ///< out_ and err_ are unnamed files, so that a chatty program cannot block
  [[noreturn]] void fail();
};

/// A program that runs beside us: QEMU, or an ssh whose output goes straight to the terminal. It has a session of its
/// own, so that Ctrl-C reaches us alone and we end it in order, and it never outlives us.
class Child {
 public:
  /// Where its output goes; standard input is command.input as in run(). The descriptors stay the caller's.
  struct Output {
    int out = 1;
    int err = 2;
  };
  Child(const Command& command, Output output);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();  ///< kills it when it has not ended

  /// Readable (POLLIN) once the program has ended.
  int pidfd() const noexcept { return pidfd_.get(); }
  /// Its status as in Outcome; nothing while it still runs after `timeout`. Throws Interrupted.
  std::optional<int> wait(std::chrono::milliseconds timeout);

 private:
  pid_t pid_ = -1;
  Fd pidfd_;
  std::optional<int> status_;
};

/// The command as a person would type it: quoted only where needed.
std::string quote_command(const std::vector<std::string>& argv);

/// "... needs `PROGRAM`; apt-get install PACKAGE" for the programs that Lifeboat uses.
std::string missing_program_hint(std::string_view program);

}  // namespace lifeboat
