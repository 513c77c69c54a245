#include "init/access/sshd_check.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "init/contract/text.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t longest_words = 400;
constexpr std::size_t most_output = 16384;

/// Until its end, or until the time is over.
std::string read_all(const Fd& pipe, Clock::time_point until) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.size() < most_output) {
    const auto left = std::chrono::ceil<Milliseconds>(until - Clock::now()).count();
    pollfd poll{pipe.get(), POLLIN, 0};
    if (left <= 0 || ::poll(&poll, 1, static_cast<int>(left)) <= 0) break;
    const ssize_t count = ::read(pipe.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return text;
}

Result<SshdVerdict> ask_sshd(const SshdAccess& access, Clock::time_point until) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failure_from_errno("asking sshd", errno);
  const Fd ours(ends[0]);
  Fd theirs(ends[1]);
  Command command = make_sshd_command(access);
  command.argv[1] = "-t";  // for -D
  command.output = &theirs;
  const auto pid = spawn(command);
  if (!pid) return pid.failure();
  theirs.reset();
  const std::string output = read_all(ours, until);
  const bool late = Clock::now() >= until;
  if (late) ::kill(*pid, SIGKILL);
  int status = 0;
  if (::waitpid(*pid, &status, 0) != *pid) return failure_from_errno("waiting for sshd", errno);
  if (late) return Failure{"sshd -t did not end in time"};
  if (!WIFEXITED(status)) return Failure{"sshd -t: " + describe_end(status)};
  return read_sshd_verdict(WEXITSTATUS(status), output);
}

}  // namespace

SshdVerdict read_sshd_verdict(int exit_status, std::string_view output) {
  constexpr std::string_view unknown = "Bad configuration option: ";
  SshdVerdict verdict;
  for (std::string_view line : contract::split_words(output, "\r\n")) {
    if (line.find("no hostkeys available") != std::string_view::npos) return {};  // all else is checked before
    if (line.starts_with("Unable to load host key")) continue;
    const std::size_t at = line.find(unknown);
    if (at != std::string_view::npos && line.starts_with("command-line"))
      verdict.unknown_option = contract::trim(line.substr(at + unknown.size()));
    verdict.trouble += (verdict.trouble.empty() ? "" : "; ") + std::string(line);
  }
  verdict.trouble.resize(std::min(verdict.trouble.size(), longest_words));
  if (exit_status == 0) return {};
  if (verdict.trouble.empty()) verdict.trouble = "exit status " + std::to_string(exit_status);
  return verdict;
}

std::vector<std::string> find_unknown_options(const std::string& sshd) {
  constexpr std::size_t largest_program = std::size_t{32} << 20;
  const auto program = read_file(sshd, largest_program);
  std::vector<std::string> unknown;
  for (const std::string& option : optional_sshd_options()) {
    std::string name = option;
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (program && program->find(name) == std::string::npos) unknown.push_back(option);
  }
  return unknown;
}

Result<std::vector<std::string>> check_sshd(const SshdAccess& access, Milliseconds limit) {
  const auto until = Clock::now() + limit;
  SshdAccess asked = access;
  while (true) {
    const auto verdict = ask_sshd(asked, until);
    if (!verdict) return verdict.failure();
    if (verdict->trouble.empty()) return asked.without;
    const bool is_new = std::ranges::find(asked.without, verdict->unknown_option) == asked.without.end();
    if (!is_optional_sshd_option(verdict->unknown_option) || !is_new) return Failure{verdict->trouble};
    asked.without.push_back(verdict->unknown_option);
  }
}

}  // namespace lifeboat::init
