#include "init/sys/spawn.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace lifeboat::init {
namespace {

enum class Stage : int { session, streams, terminal, execute };

constexpr std::array<const char*, 4> stage_names{"starting its session", "opening its standard streams",
                                                 "opening its terminal", "executing it"};

/// What the child sends through the pipe when it cannot become the program.
struct Trouble {
  Stage stage;
  int error;
};

/// Everything the child needs, made before fork: it may not allocate.
struct Prepared {
  std::vector<std::string> environment{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                       "HOME=/root", "LANG=C.UTF-8"};
  std::vector<char*> argv, envp;
  const char* terminal = nullptr;
  int output = -1;
  bool background = false;

  explicit Prepared(const Command& command) : background(command.background) {
    for (const std::string& entry : command.environment) environment.push_back(entry);
    for (const std::string& word : command.argv) argv.push_back(const_cast<char*>(word.c_str()));
    for (const std::string& entry : environment) envp.push_back(const_cast<char*>(entry.c_str()));
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    if (!command.terminal.empty()) terminal = command.terminal.c_str();
    if (command.output != nullptr) output = command.output->get();
  }
};

[[noreturn]] void give_up(int pipe, Stage stage) {
  const Trouble trouble{stage, errno};
  const ssize_t written = ::write(pipe, &trouble, sizeof trouble);
  ::_exit(written == static_cast<ssize_t>(sizeof trouble) ? 127 : 126);
}

void reset_signals() {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD}) ::signal(number, SIG_DFL);
}

void open_streams(const Prepared& prepared, int pipe) {
  const int input = ::open(prepared.terminal != nullptr ? prepared.terminal : "/dev/null", O_RDWR);
  if (input < 0) give_up(pipe, prepared.terminal != nullptr ? Stage::terminal : Stage::streams);
  if (prepared.terminal != nullptr && ::ioctl(input, TIOCSCTTY, 1) != 0) give_up(pipe, Stage::terminal);
  const int output = prepared.output >= 0 ? prepared.output : input;
  if (::dup2(input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) give_up(pipe, Stage::streams);
  if (input > 2) ::close(input);
}

/// Between fork and exec: async-signal-safe calls only.
[[noreturn]] void become(const Prepared& prepared, int pipe) {
  reset_signals();
  if (::setsid() < 0) give_up(pipe, Stage::session);
  if (prepared.background) run_in_background();
  open_streams(prepared, pipe);
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);  // whatever a library left open; the pipe goes with the exec too
  ::execve(prepared.argv[0], prepared.argv.data(), prepared.envp.data());
  give_up(pipe, Stage::execute);
}

/// The pipe closes on exec. The wait is bounded: a terminal that never opens must not hold up PID 1.
Status await_exec(const Fd& pipe, const std::string& program, pid_t pid) {
  pollfd poll{pipe.get(), POLLIN, 0};
  Trouble trouble{};
  if (::poll(&poll, 1, 5000) == 1) {
    const ssize_t count = ::read(pipe.get(), &trouble, sizeof trouble);
    if (count != static_cast<ssize_t>(sizeof trouble)) return Done{};
    ::waitpid(pid, nullptr, 0);  // it has said its last word
    return failure_from_errno("starting " + program + ": " + stage_names[static_cast<std::size_t>(trouble.stage)],
                              trouble.error);
  }
  ::kill(pid, SIGKILL);
  return Failure{"starting " + program + ": it was not executed within 5 seconds"};
}

}  // namespace

Result<pid_t> spawn(const Command& command) {
  if (command.argv.empty()) return Failure{"starting a program: no name given"};
  const Prepared prepared(command);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failure_from_errno("starting " + command.argv[0], errno);
  const Fd ours(ends[0]);
  Fd theirs(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return failure_from_errno("starting " + command.argv[0], errno);
  if (pid == 0) become(prepared, theirs.get());
  theirs.reset();
  if (Status started = await_exec(ours, command.argv[0], pid); !started) return started.failure();
  return pid;
}

void run_in_background() {
  const int fd = ::open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;  // a kernel without it
  const ssize_t written = ::write(fd, "19", 2);
  static_cast<void>(written);
  ::close(fd);
}

std::string describe_end(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    const char* name = ::strsignal(WTERMSIG(wait_status));
    return "signal " + std::to_string(WTERMSIG(wait_status)) + " (" + name + ")";
  }
  return "exit status " + std::to_string(WEXITSTATUS(wait_status));
}

}  // namespace lifeboat::init
