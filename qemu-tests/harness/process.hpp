#pragma once
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace lifeboat::qemu {

using Deadline = std::chrono::steady_clock::time_point;
using std::chrono::seconds;

/// A wait that ran out, a program that is missing, a guest that died: the text says it all.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Owns one file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) noexcept : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();
  int get() const noexcept { return fd_; }

 private:
  int fd_ = -1;
};

/// Milliseconds until `deadline` for poll(2), never negative.
int milliseconds_left(Deadline deadline);

/// A program beside the test. Killed with its owner, and by the kernel when the test itself dies.
class Process {
 public:
  struct Start {
    std::vector<std::string> argv;
    std::filesystem::path out;                            ///< file for its standard output
    std::filesystem::path err;                            ///< file for its standard error; may be the same
    std::vector<int> keep = {};                           ///< descriptors that it inherits
    std::map<std::string, std::string> environment = {};  ///< added to ours
    int network_namespace = -1;                           ///< a descriptor of the one that it runs in; else ours
  };
  explicit Process(const Start& start);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  /// Readable once it has ended.
  int pidfd() const noexcept { return pidfd_.get(); }
  /// Exit status, 128 + N for signal N; nothing while it still runs at the deadline.
  std::optional<int> wait(Deadline deadline);
  void kill(int signal);

 private:
  pid_t pid_ = -1;
  Fd pidfd_;
  std::optional<int> status_;
};

struct ProgramResult {
  int status = 0;
  std::string out;
  std::string err;
};

/// Runs a program to its end. Throws Failure when it does not end in time.
ProgramResult run_program(const std::vector<std::string>& argv, seconds timeout = seconds(60),
                          const std::map<std::string, std::string>& environment = {});

/// The same, and any status but 0 is a Failure with what it said. Returns standard output.
std::string run_checked(const std::vector<std::string>& argv, seconds timeout = seconds(60));

/// The command as a person would type it.
std::string quote_command(const std::vector<std::string>& argv);

std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, const std::string& content);

}  // namespace lifeboat::qemu
