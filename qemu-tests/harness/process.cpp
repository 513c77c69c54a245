#include "qemu-tests/harness/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "qemu-tests/harness/folder.hpp"

namespace lifeboat::qemu {
namespace fs = std::filesystem;
namespace {

Fd open_for_output(const fs::path& file) {
  Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (fd.get() < 0) throw Failure("opening " + file.string() + ": " + std::strerror(errno));
  return fd;
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!added.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (const auto& [name, value] : added) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> all;
  for (const std::string& word : words) all.push_back(const_cast<char*>(word.c_str()));
  all.push_back(nullptr);
  return all;
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

int milliseconds_left(Deadline deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<long>(left.count(), 0, 3'600'000));
}

Process::Process(const Start& start) {
  const Fd out = open_for_output(start.out);
  const Fd err = open_for_output(start.err);
  const Fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const std::vector<std::string> environment = merged_environment(start.environment);
  const std::vector<char*> argv = pointers(start.argv);
  const std::vector<char*> envp = pointers(environment);
  pid_ = ::fork();
  if (pid_ < 0) throw Failure("starting " + start.argv[0] + ": " + std::strerror(errno));
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(nothing.get(), 0);
    ::dup2(out.get(), 1);
    ::dup2(err.get(), 2);
    for (int fd : start.keep) ::fcntl(fd, F_SETFD, 0);
    if (start.network_namespace >= 0 && ::setns(start.network_namespace, CLONE_NEWNET) != 0) ::_exit(126);
    ::execvpe(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  pidfd_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

Process::~Process() {
  if (status_) return;
  kill(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Process::kill(int signal) {
  if (!status_) ::kill(pid_, signal);
}

std::optional<int> Process::wait(Deadline deadline) {
  if (status_) return status_;
  pollfd waiting{pidfd_.get(), POLLIN, 0};
  int ready = 0;
  do ready = ::poll(&waiting, 1, milliseconds_left(deadline));
  while (ready < 0 && errno == EINTR);
  if (ready <= 0) return std::nullopt;
  int raw = 0;
  ::waitpid(pid_, &raw, 0);
  status_ = WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
  return status_;
}

ProgramResult run_program(const std::vector<std::string>& argv, seconds timeout,
                          const std::map<std::string, std::string>& environment) {
  const Folder folder("run");
  Process process({.argv = argv,
                   .out = folder.path() / "out",
                   .err = folder.path() / "err",
                   .keep = {},
                   .environment = environment});
  const auto status = process.wait(std::chrono::steady_clock::now() + timeout);
  if (!status)
    throw Failure("`" + quote_command(argv) + "` did not end within " + std::to_string(timeout.count()) + " s");
  return {*status, read_file(folder.path() / "out"), read_file(folder.path() / "err")};
}

std::string run_checked(const std::vector<std::string>& argv, seconds timeout) {
  ProgramResult result = run_program(argv, timeout);
  if (result.status == 0) return std::move(result.out);
  throw Failure("`" + quote_command(argv) + "` ended with status " + std::to_string(result.status) +
                (result.status == 127 ? " (is it installed?)" : "") + ":\n" + result.out + result.err);
}

std::string quote_command(const std::vector<std::string>& argv) {
  constexpr const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_^";
  std::string line;
  for (const std::string& word : argv) {
    if (!line.empty()) line += ' ';
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) {
      line += word;
      continue;
    }
    line += '\'';
    for (char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Failure("reading " + file.string() + ": " + std::strerror(errno));
  std::ostringstream content;
  content << in.rdbuf();
  return std::move(content).str();
}

void write_file(const fs::path& file, const std::string& content) {
  std::ofstream out(file, std::ios::binary);
  out << content;
  if (!out.flush()) throw Failure("writing " + file.string() + ": " + std::strerror(errno));
}

}  // namespace lifeboat::qemu
