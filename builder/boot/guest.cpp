#include "builder/boot/guest.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>

#include "builder/base/file.hpp"
#include "builder/base/interrupt.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
using std::chrono::steady_clock;
namespace {

constexpr std::chrono::seconds control_timeout{20};
constexpr std::size_t longest_log = 1 << 20;
constexpr std::size_t lines_shown = 25;

struct SocketPair {
  Fd ours, theirs;
  SocketPair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw system_error("creating a socket pair for QEMU", errno);
    ours = Fd(ends[0]);
    theirs = Fd(ends[1]);
  }
};

std::string last_lines(std::string_view text) {
  std::vector<std::string_view> lines = split_lines(text);
  std::string shown;
  for (std::size_t i = lines.size() - std::min(lines.size(), lines_shown); i < lines.size(); ++i)
    shown += "\n  " + printable(trim(lines[i]));
  return shown;
}

}  // namespace

Guest::Guest(const Machine& machine, const fs::path& work) : machine_(machine), messages_(work / "qemu.log") {
  SocketPair console, control;
  Fd messages = open_file(messages_, O_WRONLY | O_CREAT | O_APPEND, 0600);
  const Command command{.argv = qemu_command(machine_, {console.theirs.get(), control.theirs.get()}),
                        .needed_for = "lifeboat boot",
                        .environment = {{"TMPDIR", work.string()}},
                        .keep = {console.theirs.get(), control.theirs.get()}};
  qemu_.emplace(command, Child::Output{messages.get(), messages.get()});
  console_ = std::move(console.ours);
  qmp_.emplace(std::move(control.ours));
  control.theirs.reset();  // else the end of QEMU would not be seen
  console.theirs.reset();
  start();
}

void Guest::start() {
  try {
    qmp_->greet(control_timeout);
    ssh_port_ = ask_ssh_port();
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& error) {
    qemu_->wait(std::chrono::seconds(1));
    const std::string said = read_file(messages_);
    throw Error("starting QEMU: " + (said.empty() ? error.what() : std::string(trim(said))),
                "to see for yourself: " + repeat_line(machine_));
  }
}

int Guest::ask_ssh_port() {
  // QMP has no query for this; HMP's table has a row "TCP[HOST_FORWARD] FD 127.0.0.1 PORT 10.0.2.15 22 0 0".
  const std::string table = qmp_->execute("human-monitor-command", {{"command-line", "info usernet"}}, control_timeout);
  for (std::string_view line : split_lines(table)) {
    const std::vector<std::string_view> words = split_words(line);
    if (words.size() < 4 || words[0] != "TCP[HOST_FORWARD]") continue;
    int port = 0;
    std::from_chars(words[3].data(), words[3].data() + words[3].size(), port);
    if (port > 0) return port;
  }
  throw Error("QEMU does not say which port it forwards to the guest's SSH");
}

std::string Guest::read_console() {
  std::array<char, 65536> buffer;
  const ssize_t n = ::recv(console_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  return n > 0 ? std::string(buffer.data(), static_cast<std::size_t>(n)) : std::string();
}

void Guest::remember(std::string_view text) {
  if (log_.size() > longest_log) log_.erase(0, log_.size() - longest_log / 2);
  const std::size_t newline = log_.rfind('\n');
  fresh_ = newline == std::string::npos ? 0 : newline + 1;
  log_ += text;
}

Guest::Event Guest::wait(Deadline deadline, int other) {
  Event event;
  while (true) {
    throw_if_interrupted();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
    // The console comes first and by itself: what QEMU's guest said before it ended must not be lost.
    std::array<pollfd, 3> waiting{{{console_.get(), POLLIN, 0}, {qemu_->pidfd(), POLLIN, 0}, {other, POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(std::clamp<long>(left.count(), 0, 500))) < 0) continue;
    event.console = waiting[0].revents != 0 ? read_console() : "";
    event.ended = waiting[1].revents != 0 && event.console.empty();
    event.other = waiting[2].revents != 0;
    remember(event.console);
    if (!panicking_ && log_.find("Kernel panic - not syncing", fresh_) != std::string::npos) panicked();
    if (!event.console.empty() || event.ended || event.other || left.count() <= 0) return event;
  }
}

void Guest::panicked() {
  panicking_ = true;
  const std::size_t start = fresh_;
  // The kernel still has its call trace to say.
  const Deadline deadline = steady_clock::now() + std::chrono::seconds(2);
  while (steady_clock::now() < deadline && log_.find("end Kernel panic", start) == std::string::npos)
    if (wait(deadline).ended) break;
  throw failure("the guest's kernel panicked");
}

contract::ReadyLine Guest::wait_until_ready(std::chrono::seconds timeout,
                                            const std::function<void(std::string_view)>& show) {
  const Deadline deadline = steady_clock::now() + timeout;
  while (true) {
    const Event event = wait(deadline);
    show(event.console);
    if (auto ready = contract::find_ready_line(std::string_view(log_).substr(fresh_))) return *ready;
    if (event.ended) throw failure("the guest ended before it was ready");
    if (steady_clock::now() >= deadline)
      throw failure("the guest was not ready within " + std::to_string(timeout.count()) + " s");
  }
}

void Guest::type(std::string_view keys) {
  while (!keys.empty()) {
    const ssize_t n = ::send(console_.get(), keys.data(), keys.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n <= 0) return;
    keys.remove_prefix(static_cast<std::size_t>(n));
  }
}

bool Guest::press(const std::string& button) {
  try {
    qmp_->execute(button, nlohmann::json::object(), control_timeout);
    return true;
  } catch (const Interrupted&) {
    throw;
  } catch (const Error&) {
    if (qemu_->wait(std::chrono::seconds(1))) return false;
    throw;
  }
}

bool Guest::power_off(std::chrono::seconds timeout, const std::function<void(std::string_view)>& show) {
  const Deadline deadline = steady_clock::now() + timeout;
  if (qemu_->wait(std::chrono::milliseconds(0))) return true;
  if (!press("system_powerdown")) return true;
  while (steady_clock::now() < deadline) {
    const Event event = wait(deadline);
    show(event.console);
    if (event.ended) return true;
  }
  if (press("quit")) qemu_->wait(control_timeout);
  return false;
}

Error Guest::failure(const std::string& reason) const {
  std::string text = reason;
  if (const std::string said = read_file(messages_); !said.empty()) text += "\nQEMU said:" + last_lines(said);
  text += log_.empty() ? "\nthe console said nothing" : "\nlast lines of the console:" + last_lines(log_);
  return Error(text, "to repeat it (without the config drive): " + repeat_line(machine_));
}

}  // namespace lifeboat
