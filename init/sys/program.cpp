#include "init/sys/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "init/sys/fd.hpp"
#include "init/sys/spawn.hpp"

namespace lifeboat::init {
namespace {

std::string name_of(const ProgramRun& run) { return run.argv[0].substr(run.argv[0].rfind('/') + 1); }

struct Pipe {
  Fd read, write;
};

std::optional<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

/// The child's argv and environment, made before fork.
struct Words {
  std::vector<char*> argv, environment;
  explicit Words(const ProgramRun& run) {
    for (const std::string& word : run.argv) argv.push_back(const_cast<char*>(word.c_str()));
    for (const std::string& entry : run.environment) environment.push_back(const_cast<char*>(entry.c_str()));
    for (char** entry = environ; *entry != nullptr; ++entry) environment.push_back(*entry);
    argv.push_back(nullptr);
    environment.push_back(nullptr);
  }
};

/// Between fork and exec. 127 and a line on its standard error where the program cannot be started.
[[noreturn]] void become(const ProgramRun& run, const Words& words, int input, int output) {
  if (!run.foreground) {
    ::setsid();
    ::dup2(output, 1);
    ::dup2(output, 2);
  } else {
    for (int number : {SIGINT, SIGQUIT}) ::signal(number, SIG_DFL);
  }
  if (input >= 0) ::dup2(input, 0);
  if (!run.root.empty() && (::chroot(run.root.c_str()) != 0 || ::chdir("/") != 0)) ::_exit(126);
  ::execve(words.argv[0], words.argv.data(), words.environment.data());
  constexpr std::string_view line = "it could not be executed\n";
  static_cast<void>(!::write(2, line.data(), line.size()));
  ::_exit(127);
}

/// Feeds and empties the child's pipes until it has closed its output, or the time is over (false).
bool exchange(const ProgramRun& run, Fd input, const Fd& output, Clock::time_point until, std::string& text) {
  std::string_view left = run.input;
  std::array<char, 4096> bytes{};
  for (;;) {
    if (left.empty()) input.reset();
    std::array<pollfd, 2> polls{{{output.get(), POLLIN, 0}, {input ? input.get() : -1, POLLOUT, 0}}};
    const auto wait = std::chrono::duration_cast<Milliseconds>(until - Clock::now());
    if (run.limit != Milliseconds(0) && wait <= Milliseconds(0)) return false;
    const int limit = run.limit == Milliseconds(0) ? -1 : static_cast<int>(wait.count());
    if (::poll(polls.data(), polls.size(), limit) < 0 && errno != EINTR) return false;
    if (polls[1].revents != 0) {
      const ssize_t count = ::write(input.get(), left.data(), std::min<std::size_t>(left.size(), 4096));
      if (count < 0)
        left = {};
      else
        left.remove_prefix(static_cast<std::size_t>(count));
    }
    if (polls[0].revents == 0) continue;
    const ssize_t count = ::read(output.get(), bytes.data(), bytes.size());
    if (count <= 0) return true;
    text.append(bytes.data(), std::min(static_cast<std::size_t>(count), run.most_output - text.size()));
  }
}

/// The child's end, or nothing where it has not come in time.
std::optional<int> await(pid_t pid, const ProgramRun& run, Clock::time_point until) {
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (process && run.limit != Milliseconds(0)) {
    pollfd poll{process.get(), POLLIN, 0};
    const auto wait = std::chrono::duration_cast<Milliseconds>(until - Clock::now());
    if (::poll(&poll, 1, std::max(0, static_cast<int>(wait.count()))) == 0) return std::nullopt;
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return std::nullopt;
  return status;
}

/// Ctrl-C and a broken pipe are the child's while this lives.
class IgnoredSignals {
 public:
  explicit IgnoredSignals(bool terminal) : terminal_(terminal) {
    set(SIGPIPE, 0);
    if (terminal_) {
      set(SIGINT, 1);
      set(SIGQUIT, 2);
    }
  }
  IgnoredSignals(const IgnoredSignals&) = delete;
  IgnoredSignals& operator=(const IgnoredSignals&) = delete;
  ~IgnoredSignals() {
    ::sigaction(SIGPIPE, &before_[0], nullptr);
    if (!terminal_) return;
    ::sigaction(SIGINT, &before_[1], nullptr);
    ::sigaction(SIGQUIT, &before_[2], nullptr);
  }

 private:
  void set(int number, std::size_t at) {
    struct sigaction ignored {};
    ignored.sa_handler = SIG_IGN;
    ::sigaction(number, &ignored, &before_[at]);
  }
  bool terminal_;
  std::array<struct sigaction, 3> before_{};
};

}  // namespace

std::string ProgramEnd::words() const {
  std::string_view text = output;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  const std::string_view last = text.substr(text.rfind('\n') + 1);
  return describe_end(status) + (last.empty() ? "" : ": " + std::string(last));
}

Result<ProgramEnd> run_program(const ProgramRun& run) {
  const Words words(run);
  const Clock::time_point until = Clock::now() + run.limit;
  const IgnoredSignals ignored(run.foreground);
  std::optional<Pipe> input = make_pipe(), output = make_pipe();
  const auto nothing = open_file("/dev/null", O_RDONLY);
  if (!input || !output || !nothing) return failure_from_errno("starting " + name_of(run), errno);
  const int read_from = !run.input.empty() ? input->read.get() : run.foreground ? -1 : nothing->get();
  const pid_t pid = ::fork();
  if (pid < 0) return failure_from_errno("starting " + name_of(run), errno);
  if (pid == 0) become(run, words, read_from, output->write.get());
  input->read.reset();
  output->write.reset();
  ProgramEnd end;
  const bool spoken = run.foreground || exchange(run, std::move(input->write), output->read, until, end.output);
  const std::optional<int> status = spoken ? await(pid, run, until) : std::nullopt;
  if (status) {
    end.status = *status;
    return end;
  }
  ::kill(run.foreground ? pid : -pid, SIGKILL);
  return Failure{name_of(run) + " did not end within " + std::to_string(run.limit.count() / 1000) + " s"};
}

Result<std::string> run_checked(const std::string& doing, const ProgramRun& run) {
  auto end = run_program(run);
  if (!end) return Failure{doing + ": " + end.error()};
  if (!end->ok()) return Failure{doing + ": " + end->words()};
  return std::move(end->output);
}

}  // namespace lifeboat::init
