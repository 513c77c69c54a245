#include "builder/base/run.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "builder/base/error.hpp"
#include "builder/base/interrupt.hpp"

namespace lifeboat {
namespace {

constexpr std::string_view search_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Which Debian package has a program that Lifeboat starts.
constexpr std::array<std::pair<std::string_view, std::string_view>, 22> packages{{
    {"tar2sqfs", "squashfs-tools-ng"},
    {"unsquashfs", "squashfs-tools"},
    {"veritysetup", "cryptsetup-bin"},
    {"grub-mkimage", "grub-common"},
    {"mcopy", "mtools"},
    {"sbverify", "sbsigntool"},
    {"gpgv", "gpgv"},
    {"depmod", "kmod"},
    {"xorriso", "xorriso"},
    {"qemu-system-x86_64", "qemu-system-x86"},
    {"qemu-img", "qemu-utils"},
    {"ssh", "openssh-client"},
    {"sshd", "openssh-server"},
    {"ssh-keygen", "openssh-client"},
    {"zstd", "zstd"},
    {"apt-get", "apt"},
    {"mkfs.vfat", "dosfstools"},
    {"mformat", "mtools"},
    {"mmd", "mtools"},
    {"busybox", "busybox"},
    {"ssh-keyscan", "openssh-client"},
    {"xz", "xz-utils"},
}};

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? name : "";
  std::string_view rest = search_path;
  while (!rest.empty()) {
    std::size_t colon = std::min(rest.find(':'), rest.size());
    std::string candidate = std::string(rest.substr(0, colon)) + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return "";
}

Fd unnamed_file() {
  Fd fd(::memfd_create("lifeboat-output", MFD_CLOEXEC));
  if (!fd) throw system_error("creating an unnamed file", errno);
  return fd;
}

std::string content_of(const Fd& fd) {
  off_t size = ::lseek(fd.get(), 0, SEEK_END);
  return size <= 0 ? "" : read_exactly_at(fd, 0, static_cast<std::size_t>(size), "a program's output");
}

Fd standard_input(const Command& command) {
  if (command.input.empty()) return open_file("/dev/null", O_RDONLY);
  Fd input = unnamed_file();
  write_all(input, command.input, "a program's input");
  ::lseek(input.get(), 0, SEEK_SET);
  return input;
}

/// Everything the child needs, prepared before fork: it may not allocate.
struct Prepared {
  std::string program;
  std::vector<std::string> environment;
  std::vector<char*> argv, envp;

  explicit Prepared(const Command& command) : program(find_program(command.argv.at(0))) {
    if (program.empty()) {
      std::string purpose = command.needed_for.empty() ? "" : ", needed for " + command.needed_for;
      throw Error("`" + command.argv[0] + "` is not installed" + purpose, missing_program_hint(command.argv[0]));
    }
    std::map<std::string, std::string> all{
        {"PATH", std::string(search_path)}, {"LC_ALL", "C.UTF-8"}, {"TZ", "UTC"}, {"HOME", "/nonexistent"}};
    for (const auto& [name, value] : command.environment) all[name] = value;
    for (const auto& [name, value] : all) environment.push_back(name + "=" + value);
    for (const std::string& text : command.argv) argv.push_back(const_cast<char*>(text.c_str()));
    for (const std::string& text : environment) envp.push_back(const_cast<char*>(text.c_str()));
    argv.push_back(nullptr);
    envp.push_back(nullptr);
  }
};

/// Closes all descriptors above 2 but those of `keep` (sorted). Only async-signal-safe calls.
void close_others(const std::vector<int>& keep) {
  unsigned from = 3;
  for (int fd : keep) {
    const auto next = static_cast<unsigned>(fd);
    if (next > from) ::syscall(SYS_close_range, from, next - 1, 0);
    ::fcntl(fd, F_SETFD, 0);
    from = next + 1;
  }
  ::syscall(SYS_close_range, from, ~0U, 0);
}

enum class Session { ours, own };

/// For a child with a session of its own: the kernel ends it with us. Only async-signal-safe calls.
void detach_from_terminal(pid_t parent) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // we ended before the line above
}

/// A descriptor that ends up as standard input, output or error is already in its place or above 2: 0 to 2 are always
/// open.
pid_t spawn(const Command& command, int input, int out, int err, Session session = Session::ours) {
  const Prepared prepared(command);
  std::vector<int> keep = command.keep;
  std::sort(keep.begin(), keep.end());
  const pid_t parent = ::getpid();
  pid_t pid = ::fork();
  if (pid < 0) throw system_error("starting " + command.argv[0], errno);
  if (pid > 0) return pid;
  if (session == Session::own) detach_from_terminal(parent);
  ::dup2(input, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  close_others(keep);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_DFL);
  if (command.directory.empty() || ::chdir(command.directory.c_str()) == 0)
    ::execve(prepared.program.c_str(), prepared.argv.data(), prepared.envp.data());
  const char* reason = ::strerrordesc_np(errno);
  if (reason != nullptr && ::write(2, reason, std::strlen(reason)) < 0) ::_exit(126);
  ::_exit(127);
}

int exit_status(int raw) { return WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw); }

int reap(pid_t pid) {
  int raw = 0;
  while (::waitpid(pid, &raw, 0) < 0 && errno == EINTR) {
  }
  return exit_status(raw);
}

/// A child that is killed where it is left by an exception.
struct Running {
  pid_t pid;
  ~Running() {
    if (pid < 0) return;
    ::kill(pid, SIGKILL);
    reap(pid);
  }
};

/// Waits until `fd` can be read, so that Ctrl-C and the command's timeout both end the wait.
void wait_readable(const Fd& fd, std::chrono::steady_clock::time_point end, const Command& command) {
  while (true) {
    throw_if_interrupted();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0)
      throw Error("`" + quote_command(command.argv) + "` did not end within " +
                  std::to_string(command.timeout.count()) + " s and was stopped");
    pollfd waiting{fd.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(std::min<long>(left.count(), 500))) > 0) return;
  }
}

/// The status of the child, waited for through a pidfd; Ctrl-C and the timeout kill it.
int wait_for(pid_t pid, const Command& command) {
  Running child{pid};
  Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  wait_readable(pidfd, std::chrono::steady_clock::now() + command.timeout, command);
  return reap(std::exchange(child.pid, -1));
}

struct PipeEnds {
  Fd read, write;
};

PipeEnds make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw system_error("creating a pipe", errno);
  return {Fd(ends[0]), Fd(ends[1])};
}

/// Hands on all that arrives until the other end is closed.
void read_to_end(const Fd& fd, const Command& command, const std::function<void(std::string_view)>& sink) {
  const auto end = std::chrono::steady_clock::now() + command.timeout;
  std::string buffer(1 << 16, '\0');
  while (true) {
    wait_readable(fd, end, command);
    ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw system_error("reading from `" + command.argv[0] + "`", errno);
    if (n == 0) return;
    sink(std::string_view(buffer).substr(0, static_cast<std::size_t>(n)));
  }
}

std::string last_lines(const std::string& text, int count) {
  std::size_t at = text.find_last_not_of(" \t\r\n");
  if (at == std::string::npos) return "";
  const std::string trimmed = text.substr(0, at + 1);
  std::size_t start = trimmed.size();
  while (count-- > 0 && start != std::string::npos && start > 0) start = trimmed.rfind('\n', start - 1);
  return start == std::string::npos || start == 0 ? trimmed : trimmed.substr(start + 1);
}

/// The first of a command's absolute paths (PATH, --name=PATH) that lies on a file system with next to no room left.
std::optional<std::string> path_without_room(const std::vector<std::string>& argv) {
  constexpr std::uint64_t next_to_none = 128 * 1024;
  for (std::size_t i = 1; i < argv.size(); ++i) {
    const std::size_t begin = argv[i].starts_with('/') ? 0 : argv[i].find("=/") + 1;  // npos + 1 is 0
    if (argv[i][begin] != '/') continue;
    const std::filesystem::path path = argv[i].substr(begin);
    struct statvfs room {};
    if (::statvfs(path.c_str(), &room) != 0 && ::statvfs(path.parent_path().c_str(), &room) != 0) continue;
    const bool written_to = (room.f_flag & ST_RDONLY) == 0 && room.f_blocks > 0;  // /proc has no blocks at all
    if (written_to && std::uint64_t{room.f_bavail} * room.f_frsize < next_to_none) return path;
  }
  return std::nullopt;
}

/// What a program's words mean for the person. tar2sqfs says "I/O error" whatever the reason was.
std::string hint_of(std::string_view said) {
  if (said.find("No space left on device") != said.npos) return std::string(full_disk_hint);
  if (said.find("I/O error") != said.npos)
    return "the file system may be full (df -h shows it), or the disk may be failing (dmesg shows it)";
  return "";
}

Error failure(const Command& command, const Outcome& outcome) {
  std::string text = "`" + quote_command(command.argv) + "` ended with status " + std::to_string(outcome.status);
  const std::string said = last_lines(outcome.err.empty() ? outcome.out : outcome.err, 8);
  if (!said.empty()) text += ":\n" + said;
  // Some say nothing of the reason, like veritysetup, which cannot write its header then.
  const std::optional<std::string> full = hint_of(said).empty() ? path_without_room(command.argv) : std::nullopt;
  if (full) return system_error(text + "\n" + *full, ENOSPC);
  return Error(text, hint_of(said));
}

}  // namespace

std::string missing_program_hint(std::string_view program) {
  for (const auto& [name, package] : packages)
    if (name == program) return "apt-get install " + std::string(package);
  return "";
}

Outcome run(const Command& command) {
  Fd input = standard_input(command);
  Fd out = unnamed_file();
  Fd err = unnamed_file();
  pid_t pid = spawn(command, input.get(), out.get(), err.get());
  Outcome outcome;
  outcome.status = wait_for(pid, command);
  outcome.out = content_of(out);
  outcome.err = content_of(err);
  return outcome;
}

std::string run_checked(const Command& command) {
  Outcome outcome = run(command);
  if (outcome.status != 0) throw failure(command, outcome);
  return std::move(outcome.out);
}

void run_reading(const Command& command, const std::function<void(std::string_view)>& sink) {
  Fd input = standard_input(command);
  Fd err = unnamed_file();
  PipeEnds out = make_pipe();
  Running child{spawn(command, input.get(), out.write.get(), err.get())};
  out.write.reset();
  read_to_end(out.read, command, sink);
  Outcome outcome;
  outcome.status = wait_for(std::exchange(child.pid, -1), command);
  outcome.err = content_of(err);
  if (outcome.status != 0) throw failure(command, outcome);
}

Pipe::Pipe(const Command& command) : command_(command), out_(unnamed_file()), err_(unnamed_file()) {
  PipeEnds ends = make_pipe();
  input_ = std::move(ends.write);
  pid_ = spawn(command_, ends.read.get(), out_.get(), err_.get());
}

Pipe::~Pipe() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  reap(pid_);
}

void Pipe::write(std::string_view bytes) {
  while (!bytes.empty()) {
    throw_if_interrupted();
    ssize_t n = ::write(input_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EPIPE) fail();
    if (n < 0) throw system_error("writing to `" + command_.argv[0] + "`", errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Pipe::fail() {
  input_.reset();
  Outcome outcome;
  outcome.status = wait_for(std::exchange(pid_, -1), command_);
  outcome.out = content_of(out_);
  outcome.err = content_of(err_);
  throw failure(command_, outcome);
}

std::string Pipe::finish() {
  input_.reset();
  const pid_t pid = std::exchange(pid_, -1);
  Outcome outcome;
  outcome.status = wait_for(pid, command_);
  outcome.out = content_of(out_);
  outcome.err = content_of(err_);
  if (outcome.status != 0) throw failure(command_, outcome);
  return std::move(outcome.out);
}

Child::Child(const Command& command, Output output)
    : pid_(spawn(command, standard_input(command).get(), output.out, output.err, Session::own)),
      pidfd_(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0))) {}

Child::~Child() {
  if (status_) return;
  ::kill(pid_, SIGKILL);
  reap(pid_);
}

std::optional<int> Child::wait(std::chrono::milliseconds timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  while (!status_) {
    throw_if_interrupted();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd waiting{pidfd_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(std::clamp<long>(left.count(), 0, 500))) > 0) status_ = reap(pid_);
    if (!status_ && left.count() <= 0) return std::nullopt;
  }
  return status_;
}

std::string quote_command(const std::vector<std::string>& argv) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_^";
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

}  // namespace lifeboat
