#include "init/rescue/chroot.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "init/rescue/chroot_mounts.hpp"
#include "init/sys/inside.hpp"
#include "init/sys/spawn.hpp"

namespace lifeboat::init {
namespace {

/// What the process in the namespaces tells: a line "end STATUS" or "failed", then the output or the reason.
std::string told(const Result<ProgramEnd>& end) {
  return end ? "end " + std::to_string(end->status) + "\n" + end->output : "failed\n" + end.error();
}

Result<ProgramEnd> understood(std::string_view text, int status) {
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return Failure{"what ran in the original ended by " + describe_end(status)};
  const std::string rest(text.substr(line + 1));
  if (!text.starts_with("end ")) return Failure{rest};
  return ProgramEnd{std::atoi(std::string(text.substr(4, line - 4)).c_str()), rest};
}

/// The program's own words alone, so that no setting of this login reaches the original.
void set_environment(const Original& original) {
  const char* terminal = ::getenv("TERM");
  const std::string term = terminal == nullptr ? "linux" : terminal;
  const bool has_utf8 = has_folder_below(original.root, "usr/lib/locale/C.utf8") ||
                        has_folder_below(original.root, "usr/lib/locale/C.UTF-8");
  ::clearenv();
  ::setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
  ::setenv("HOME", "/root", 1);
  ::setenv("USER", "root", 1);
  ::setenv("LOGNAME", "root", 1);
  ::setenv("TERM", term.c_str(), 1);
  ::setenv("LANG", has_utf8 ? "C.UTF-8" : "C", 1);
}

/// PID 1 of its own namespace: when it ends, the kernel ends whatever is left in it.
Result<ProgramEnd> run_as_first(const Original& original, ProgramRun run, RootChanges changes) {
  const auto root = prepare_mounts(original.at, changes == RootChanges::refused);
  if (!root) return root.failure();
  // The namespaces that we came from have no part in the descriptor: only what was opened in here leads to the mounts.
  run.root = "/proc/self/fd/" + std::to_string(root->get());
  set_environment(original);
  return run_program(run);
}

void write_whole(const Fd& pipe, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(pipe.get(), text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string read_whole(const Fd& pipe) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t n = ::read(pipe.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

/// Makes the namespaces; its child is the first process in them. Each dies with its parent.
[[noreturn]] void become_namespaces(const Original& original, const ProgramRun& run, RootChanges changes,
                                    const Fd& pipe) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto give_up = [&](const char* doing) {
    write_whole(pipe, told(failure_from_errno(doing, errno)));
    ::_exit(1);
  };
  if (::unshare(CLONE_NEWNS | CLONE_NEWPID) != 0) give_up("making the chroot's namespaces");
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) give_up("keeping the chroot's mounts apart");
  const pid_t first = ::fork();
  if (first < 0) give_up("starting the chroot");
  if (first == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    write_whole(pipe, told(run_as_first(original, run, changes)));
    ::_exit(0);
  }
  int status = 0;
  while (::waitpid(first, &status, 0) < 0 && errno == EINTR) continue;
  ::_exit(0);
}

/// Signals of the terminal go to the program alone, and the terminal comes back to us afterwards: a shell that did job
/// control in a PID namespace cannot give it back.
class Terminal {
 public:
  Terminal() {
    for (std::size_t i = 0; i < signals.size(); ++i) {
      struct sigaction ignored {};
      ignored.sa_handler = SIG_IGN;
      ::sigaction(signals[i], &ignored, &before_[i]);
    }
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    if (::isatty(0) == 1) ::tcsetpgrp(0, ::getpgrp());  // with SIGTTOU ignored
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &before_[i], nullptr);
  }

 private:
  static constexpr std::array signals{SIGINT, SIGQUIT, SIGTTOU};
  std::array<struct sigaction, 3> before_{};
};

/// The first bytes of a program, and its path.
struct Head {
  std::string path, bytes;
};

Result<Head> read_head(const Original& original, const std::string& program) {
  const auto file = open_below(original.root, program, O_RDONLY);
  if (!file) return file.failure();
  std::string bytes(sizeof(Elf64_Ehdr) + 256, '\0');
  const ssize_t n = ::read(file->get(), bytes.data(), bytes.size());
  bytes.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  return Head{program, bytes};
}

/// "#!/bin/sh -e" -> "/bin/sh"; empty: no script.
std::string interpreter_of(std::string_view bytes) {
  if (!bytes.starts_with("#!")) return {};
  bytes = bytes.substr(2, bytes.find('\n') - 2);
  const std::size_t start = bytes.find_first_not_of(" \t");
  if (start == std::string_view::npos) return {};
  bytes.remove_prefix(start);
  return std::string(bytes.substr(0, bytes.find_first_of(" \t\r")));
}

struct Machine {
  unsigned number;  ///< e_machine
  const char* name;
  bool ours;
};

constexpr bool on_x86_64 =
#ifdef __x86_64__
    true;
#else
    false;
#endif

constexpr std::array machines{Machine{EM_X86_64, "x86_64", on_x86_64},    Machine{EM_386, "i386", on_x86_64},
                              Machine{EM_AARCH64, "aarch64", !on_x86_64}, Machine{EM_ARM, "arm", !on_x86_64},
                              Machine{EM_PPC64, "ppc64", false},          Machine{EM_S390, "s390x", false},
                              Machine{EM_RISCV, "riscv64", false}};

Status check_elf(const Head& program) {
  if (program.bytes.size() < sizeof(Elf32_Ehdr) || !program.bytes.starts_with(ELFMAG))
    return Failure{program.path +
                   " of the original is no program\nhint: its files can be read and edited all the same"};
  const auto at = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(program.bytes[i])); };
  const bool little = at(EI_DATA) == ELFDATA2LSB;
  const unsigned number = little ? at(18) | at(19) << 8U : at(19) | at(18) << 8U;
  std::string name = "machine " + std::to_string(number);
  for (const Machine& machine : machines) {
    if (machine.number != number) continue;
    if (machine.ours && little) return Done{};
    name = machine.name;
  }
  return Failure{"the original's programs are for " + name + ", this rescue system runs " +
                 (on_x86_64 ? "x86_64" : "aarch64") +
                 "\nhint: start a rescue image of that architecture; files can be read and edited from here"};
}

bool is_executable(const Original& original, const std::string& path) {
  const auto status = stat_below(original.root, path);
  return status && S_ISREG(status->st_mode) && (status->st_mode & 0111U) != 0;
}

/// The seventh field of root's line, where it has seven.
std::string shell_of_root(std::string_view passwd) {
  while (!passwd.empty()) {
    std::string_view line = passwd.substr(0, passwd.find('\n'));
    passwd.remove_prefix(std::min(line.size() + 1, passwd.size()));
    if (!line.starts_with("root:")) continue;
    for (int field = 0; field < 6; ++field) {
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos) return {};
      line.remove_prefix(colon + 1);
    }
    return std::string(line);
  }
  return {};
}

}  // namespace

Result<ProgramEnd> run_in_original(const Original& original, ProgramRun run, RootChanges changes) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failure_from_errno("starting the chroot", errno);
  const Fd ours(ends[0]);
  Fd theirs(ends[1]);
  const Terminal terminal;
  const pid_t pid = ::fork();
  if (pid < 0) return failure_from_errno("starting the chroot", errno);
  if (pid == 0) become_namespaces(original, run, changes, theirs);
  theirs.reset();
  const std::string text = read_whole(ours);  // bounded by run.limit, in there
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return understood(text, status);
}

Result<std::string> run_checked_in_original(const std::string& doing, const Original& original, ProgramRun run) {
  auto end = run_in_original(original, std::move(run));
  if (!end) return Failure{doing + ": " + end.error()};
  if (!end->ok()) return Failure{doing + ": " + end->words()};
  return std::move(end->output);
}

Result<std::string> find_program(const Original& original, const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  for (const char* folder : {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"})
    if (is_executable(original, folder + name)) return folder + name;
  return Failure{"the original has no program " + name +
                 "\nhint: `rescue chroot` without a command opens a shell in it"};
}

Result<std::string> find_shell(const Original& original) {
  constexpr std::size_t largest = std::size_t{4} << 20;
  const std::string chosen = shell_of_root(read_below(original.root, "etc/passwd", largest).value_or(""));
  const bool is_shell = chosen.starts_with('/') && !chosen.ends_with("nologin") && !chosen.ends_with("/false");
  if (is_shell && is_executable(original, chosen)) return chosen;
  for (const char* shell : {"/bin/bash", "/bin/sh"})
    if (is_executable(original, shell)) return std::string(shell);
  return Failure{"the original has no shell (/bin/sh)\nhint: " + original.at +
                 " is no root of a Linux, or badly damaged"};
}

Status check_architecture(const Original& original, const std::string& program) {
  auto head = read_head(original, program);
  for (int step = 0; head && step < 4; ++step) {
    const std::string interpreter = interpreter_of(head->bytes);
    if (interpreter.empty()) return check_elf(*head);
    head = read_head(original, interpreter);
  }
  return head ? Failure{program + ": a script of a script of a script"} : head.failure();
}

}  // namespace lifeboat::init
