// Counts the calls that change the file system, and lets one of them meet its fate.
//   LIFEBOAT_FAULT="kill 17"  the process ends by SIGKILL at its 17th call; a write has come half way by then
//   LIFEBOAT_FAULT="fail 17"  the 17th call that needs room finds none (ENOSPC), once
//   LIFEBOAT_FAULT="full 17"  every call that needs room finds none from the 17th on; removing still works
//   LIFEBOAT_FAULT_LOG=FILE   a line per call: "room write /path" or "free unlink /path"
// Only the process that was started counts, not what it forks: children get an environment of their own.
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <string>

#include "builder/tests/build/preload/next.hpp"

namespace lifeboat::preload {
namespace {

enum class Needs { room, nothing };

struct Plan {
  std::string kind;
  unsigned long at = 0;
  int log = -1;
  pid_t process = ::getpid();

  Plan() {
    if (const char* fault = std::getenv("LIFEBOAT_FAULT")) {
      const std::string text = fault;
      kind = text.substr(0, text.find(' '));
      at = std::strtoul(text.c_str() + kind.size(), nullptr, 10);
    }
    // Past our own open(), which would count it; no O_CLOEXEC is needed where children close everything.
    if (const char* file = std::getenv("LIFEBOAT_FAULT_LOG"))
      log = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  }
};

const Plan& plan() {
  static const Plan read_once;
  return read_once;
}

std::atomic<unsigned long> all_calls, room_calls;

void log_call(Needs needs, const char* call, const char* path) {
  const std::string line = std::string(needs == Needs::room ? "room " : "free ") + call + " " + path + "\n";
  if (plan().log >= 0) ::syscall(SYS_write, plan().log, line.data(), line.size());
}

/// Where the call is the one to die at, `torn` (what it may have done by then) is done and the process ends. True: it
/// has to fail with the errno that is set.
template <class Torn>
bool meets_fault(Needs needs, const char* call, const char* path, const Torn& torn) {
  const Plan& the = plan();
  if (::getpid() != the.process) return false;
  const unsigned long one_of_all = ++all_calls;
  const unsigned long one_of_room = needs == Needs::room ? ++room_calls : 0;
  log_call(needs, call, path);
  if (the.kind == "kill" && one_of_all == the.at) {
    torn();
    ::kill(the.process, SIGKILL);
  }
  const bool fails = one_of_room != 0 &&
                     ((the.kind == "fail" && one_of_room == the.at) || (the.kind == "full" && one_of_room >= the.at));
  if (fails) errno = ENOSPC;
  return fails;
}

bool meets_fault(Needs needs, const char* call, const char* path) {
  return meets_fault(needs, call, path, [] {});
}

std::string path_of(int fd) {
  char path[PATH_MAX] = {};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  return ::readlink(link.c_str(), path, sizeof path - 1) < 0 ? "" : path;
}

/// The path of a file, or "" for what is in no file system: pipes, terminals, memory.
std::string file_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return "";
  const std::string path = path_of(fd);
  return path.starts_with("/memfd:") ? "" : path;
}

bool makes_a_file(int flags) { return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE; }

int open_at(const char* name, int folder, const char* path, int flags, mode_t mode) {
  static const auto real = next<int(int, const char*, int, ...)>("openat");
  if (makes_a_file(flags) && meets_fault(Needs::room, name, path)) return -1;
  return real(folder, path, flags, mode);
}

template <class Write>
ssize_t write_to(const char* name, int fd, std::size_t size, const Write& write) {
  const std::string path = file_of(fd);
  const auto half = [&] { static_cast<void>(write(size / 2)); };
  if (!path.empty() && meets_fault(Needs::room, name, path.c_str(), half)) return -1;
  return write(size);
}

}  // namespace
}  // namespace lifeboat::preload

using namespace lifeboat::preload;  // NOLINT: what follows is the C library's, in no namespace

// The mode is there when the flags say that a file is made.
#define LIFEBOAT_MODE_OF(flags)                         \
  mode_t mode = 0;                                      \
  if (makes_a_file(flags)) {                            \
    va_list arguments;                                  \
    va_start(arguments, flags);                         \
    mode = static_cast<mode_t>(va_arg(arguments, int)); \
    va_end(arguments);                                  \
  }

extern "C" {

int open(const char* path, int flags, ...) {
  LIFEBOAT_MODE_OF(flags)
  return open_at("open", AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  LIFEBOAT_MODE_OF(flags)
  return open_at("open", AT_FDCWD, path, flags, mode);
}
int openat(int folder, const char* path, int flags, ...) {
  LIFEBOAT_MODE_OF(flags)
  return open_at("openat", folder, path, flags, mode);
}
int openat64(int folder, const char* path, int flags, ...) {
  LIFEBOAT_MODE_OF(flags)
  return open_at("openat", folder, path, flags, mode);
}

int mkostemp(char* pattern, int flags) {
  static const auto real = next<int(char*, int)>("mkostemp");
  return meets_fault(Needs::room, "mkostemp", pattern) ? -1 : real(pattern, flags);
}
char* mkdtemp(char* pattern) {
  static const auto real = next<char*(char*)>("mkdtemp");
  return meets_fault(Needs::room, "mkdtemp", pattern) ? nullptr : real(pattern);
}
int mkdir(const char* path, mode_t mode) {
  static const auto real = next<int(const char*, mode_t)>("mkdir");
  return meets_fault(Needs::room, "mkdir", path) ? -1 : real(path, mode);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  static const auto real = next<ssize_t(int, const void*, size_t)>("write");
  return write_to("write", fd, size, [&](size_t some) { return real(fd, bytes, some); });
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  static const auto real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return write_to("pwrite", fd, size, [&](size_t some) { return real(fd, bytes, some, at); });
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) { return pwrite(fd, bytes, size, at); }
ssize_t writev(int fd, const iovec* pieces, int count) {
  static const auto real = next<ssize_t(int, const iovec*, int)>("writev");
  return write_to("writev", fd, static_cast<size_t>(count),
                  [&](size_t some) { return real(fd, pieces, static_cast<int>(some)); });
}
ssize_t sendfile(int out, int in, off_t* at, size_t size) {
  static const auto real = next<ssize_t(int, int, off_t*, size_t)>("sendfile");
  return write_to("sendfile", out, size, [&](size_t some) { return real(out, in, at, some); });
}
ssize_t copy_file_range(int in, off64_t* in_at, int out, off64_t* out_at, size_t size, unsigned flags) {
  static const auto real = next<ssize_t(int, off64_t*, int, off64_t*, size_t, unsigned)>("copy_file_range");
  return write_to("copy_file_range", out, size, [&](size_t some) { return real(in, in_at, out, out_at, some, flags); });
}

int fsync(int fd) {
  static const auto real = next<int(int)>("fsync");
  return meets_fault(Needs::room, "fsync", path_of(fd).c_str()) ? -1 : real(fd);
}
int fdatasync(int fd) {
  static const auto real = next<int(int)>("fdatasync");
  return meets_fault(Needs::room, "fdatasync", path_of(fd).c_str()) ? -1 : real(fd);
}
int ftruncate(int fd, off_t size) {
  static const auto real = next<int(int, off_t)>("ftruncate");
  const std::string path = file_of(fd);
  return !path.empty() && meets_fault(Needs::room, "ftruncate", path.c_str()) ? -1 : real(fd, size);
}
int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

int rename(const char* from, const char* to) {
  static const auto real = next<int(const char*, const char*)>("rename");
  return meets_fault(Needs::room, "rename", to) ? -1 : real(from, to);
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  static const auto real = next<int(int, const char*, int, const char*, unsigned)>("renameat2");
  return meets_fault(Needs::room, "renameat2", to) ? -1 : real(from_folder, from, to_folder, to, flags);
}
int link(const char* from, const char* to) {
  static const auto real = next<int(const char*, const char*)>("link");
  return meets_fault(Needs::room, "link", to) ? -1 : real(from, to);
}
int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  static const auto real = next<int(int, const char*, int, const char*, int)>("linkat");
  return meets_fault(Needs::room, "linkat", to) ? -1 : real(from_folder, from, to_folder, to, flags);
}
int symlink(const char* target, const char* path) {
  static const auto real = next<int(const char*, const char*)>("symlink");
  return meets_fault(Needs::room, "symlink", path) ? -1 : real(target, path);
}

int unlink(const char* path) {
  static const auto real = next<int(const char*)>("unlink");
  return meets_fault(Needs::nothing, "unlink", path) ? -1 : real(path);
}
int unlinkat(int folder, const char* path, int flags) {
  static const auto real = next<int(int, const char*, int)>("unlinkat");
  return meets_fault(Needs::nothing, "unlinkat", path) ? -1 : real(folder, path, flags);
}
int remove(const char* path) {
  static const auto real = next<int(const char*)>("remove");
  return meets_fault(Needs::nothing, "remove", path) ? -1 : real(path);
}
int rmdir(const char* path) {
  static const auto real = next<int(const char*)>("rmdir");
  return meets_fault(Needs::nothing, "rmdir", path) ? -1 : real(path);
}

}  // extern "C"
