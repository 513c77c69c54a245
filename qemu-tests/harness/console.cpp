#include "qemu-tests/harness/console.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

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
    : socket_(std::move(socket)), pidfd_(pidfd), story_(std::move(story)) {}

std::string Console::explain(const std::string& reason) const {
  return reason + "\n" + story_ + "\nlast lines of the console:\n" + last_lines(log_) + "\n";
}

Console::More Console::read_more(Deadline deadline) {
  while (true) {
    std::array<pollfd, 2> waiting{{{socket_.get(), POLLIN, 0}, {pidfd_, POLLIN, 0}}};
    const int ready = ::poll(waiting.data(), waiting.size(), milliseconds_left(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return More::late;
    std::array<char, 65536> buffer;
    const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n > 0) {
      log_.append(buffer.data(), static_cast<std::size_t>(n));
      return More::read;
    }
    if (waiting[1].revents != 0) return More::ended;
  }
}

void Console::panicked() {
  const Deadline deadline = std::chrono::steady_clock::now() + seconds(2);
  while (log_.find("end Kernel panic") == std::string::npos && read_more(deadline) == More::read) continue;
  throw Failure(explain("the guest's kernel panicked"));
}

std::size_t Console::find(std::string_view text, seconds timeout) {
  const Deadline deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    if (const std::size_t at = log_.find(text, taken_); at != std::string::npos) return at;
    if (log_.find("Kernel panic - not syncing", taken_) != std::string::npos) panicked();
    const std::string waited = " while the test waited for \"" + std::string(text) + "\"";
    switch (read_more(deadline)) {
      case More::ended:
        throw Failure(explain("QEMU ended" + waited));
      case More::late:
        throw Failure(explain(std::to_string(timeout.count()) + " s passed" + waited));
      case More::read:
        break;
    }
  }
}

void Console::wait_for(std::string_view text, seconds timeout) { taken_ = find(text, timeout) + text.size(); }

std::string Console::wait_for_line(std::string_view text, seconds timeout) {
  const std::size_t at = find(text, timeout);
  taken_ = at;
  const std::size_t end = find("\n", timeout);
  const std::size_t newline = log_.rfind('\n', at);
  const std::size_t start = newline == std::string::npos ? 0 : newline + 1;
  taken_ = end + 1;
  std::string line = log_.substr(start, end - start);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

void Console::wait_for_end(seconds timeout) {
  const Deadline deadline = std::chrono::steady_clock::now() + timeout;
  More more = More::read;
  while (more == More::read) more = read_more(deadline);
  if (more == More::late) throw Failure(explain("QEMU did not end within " + std::to_string(timeout.count()) + " s"));
}

void Console::type(std::string_view keys) {
  if (::send(socket_.get(), keys.data(), keys.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(keys.size()))
    throw Failure(explain("the console takes no keys"));
}

}  // namespace lifeboat::qemu
