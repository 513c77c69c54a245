#include "qemu-tests/harness/console.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace lifeboat::qemu {
namespace {

constexpr int lines_shown = 25;

std::string last_lines(const std::string& text) {
  std::size_t start = text.size();
  for (int i = 0; i <= lines_shown && start != std::string::npos && start > 0; ++i) start = text.rfind('\n', start - 1);
  return start == std::string::npos ? text : text.substr(start);
}

}  // namespace

Console::Console(Fd socket, int pidfd, std::string story)
    : socket_(std::move(socket)),
      pidfd_(pidfd),
      story_(std::move(story)),
      stop_(::eventfd(0, EFD_CLOEXEC)),
      reader_([this] { read_all(); }) {}

Console::~Console() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(stop_.get(), &one, sizeof one));
  reader_.join();
}

/// QEMU closes its side shortly before it ends: who waits for the end waits for the process.
void Console::read_all() {
  std::array<pollfd, 3> waiting{{{socket_.get(), POLLIN, 0}, {pidfd_, POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
  while (true) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;  // EINTR
    std::array<char, 65536> buffer;
    const ssize_t n = waiting[0].fd < 0 ? -1 : ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n == 0) waiting[0].fd = -1;  // poll passes it over
    const bool ended = n <= 0 && (waiting[1].revents != 0 || waiting[2].revents != 0);
    const std::lock_guard lock(mutex_);
    if (n > 0) log_.append(buffer.data(), static_cast<std::size_t>(n));
    ended_ = ended;
    changed_.notify_all();
    if (ended) return;
  }
}

std::string Console::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

bool Console::has_ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

bool Console::wait_for_more(std::size_t known, Deadline deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [&] { return ended_ || log_.size() > known; });
}

std::string Console::explain(const std::string& reason) const {
  return reason + "\n" + story_ + "\nlast lines of the console:\n" + last_lines(log()) + "\n";
}

void Console::panicked() {
  const Deadline deadline = std::chrono::steady_clock::now() + seconds(2);
  for (std::string said = log(); said.find("end Kernel panic") == std::string::npos; said = log())
    if (!wait_for_more(said.size(), deadline) || has_ended()) break;
  throw Failure(explain("the guest's kernel panicked"));
}

std::size_t Console::find(std::string_view text, std::size_t from, seconds timeout) {
  const Deadline deadline = std::chrono::steady_clock::now() + timeout;
  const std::string waited = " while the test waited for \"" + std::string(text) + "\"";
  while (true) {
    const bool last_look = has_ended();
    const std::string said = log();
    if (const std::size_t at = said.find(text, from); at != std::string::npos) return at;
    if (said.find("Kernel panic - not syncing", from) != std::string::npos) panicked();
    if (last_look) throw Failure(explain("QEMU ended" + waited));
    if (!wait_for_more(said.size(), deadline))
      throw Failure(explain(std::to_string(timeout.count()) + " s passed" + waited));
  }
}

void Console::wait_for(std::string_view text, seconds timeout) { taken_ = find(text, taken_, timeout) + text.size(); }

void Console::wait_until_said(std::string_view text, seconds timeout) { find(text, 0, timeout); }

std::string Console::wait_for_line(std::string_view text, seconds timeout) {
  const std::size_t at = find(text, taken_, timeout);
  taken_ = at;
  const std::size_t end = find("\n", taken_, timeout);
  const std::string said = log();
  const std::size_t newline = said.rfind('\n', at);
  const std::size_t start = newline == std::string::npos ? 0 : newline + 1;
  taken_ = end + 1;
  std::string line = said.substr(start, end - start);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

void Console::wait_for_end(seconds timeout) {
  const Deadline deadline = std::chrono::steady_clock::now() + timeout;
  while (!has_ended())
    if (!wait_for_more(log().size(), deadline))
      throw Failure(explain("QEMU did not end within " + std::to_string(timeout.count()) + " s"));
}

void Console::type(std::string_view keys) {
  if (::send(socket_.get(), keys.data(), keys.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(keys.size()))
    throw Failure(explain("the console takes no keys"));
}

}  // namespace lifeboat::qemu
