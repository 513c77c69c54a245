#include "init/sys/console.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace lifeboat::init {
namespace {

/// A console that takes nothing (flow control, nobody there) must not collect text without end.
constexpr std::size_t most_pending = std::size_t{256} << 10;
constexpr int set_console_level = 8;  // SYSLOG_ACTION_CONSOLE_LEVEL of syslog(2)

/// A serial line takes its time.
bool is_still_sending(const Fd& terminal) {
  int left = 0;
  return ::ioctl(terminal.get(), TIOCOUTQ, &left) == 0 && left > 0;
}

}  // namespace

Consoles::Consoles(const std::vector<std::string>& names, const std::string& folder) : folder_(folder) { add(names); }

void Consoles::add(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (std::ranges::find(names_, name) != names_.end()) continue;
    auto fd = open_file(folder_ + "/" + name, O_WRONLY | O_NOCTTY | O_NONBLOCK);
    if (!fd) continue;
    names_.push_back(name);
    screens_.push_back(std::make_unique<Screen>());
    screens_.back()->path = folder_ + "/" + name;
    screens_.back()->fd = std::move(*fd);
  }
}

void Consoles::write_line(std::string_view line) {
  for (auto& screen : screens_) {
    if (screen->pending.size() > most_pending) continue;
    screen->pending.append(line);
    screen->pending += '\n';
    if (Clock::now() >= held_until_) send(*screen);
  }
}

/// Whoever was logged in there has gone, and the kernel has hung up the terminal for everybody who had it open.
bool Consoles::reopen(Screen& screen) {
  if (screen.watched) loop_->unwatch(screen.fd);
  screen.watched = false;
  auto fd = open_file(screen.path, O_WRONLY | O_NOCTTY | O_NONBLOCK);
  if (fd) screen.fd = std::move(*fd);
  return static_cast<bool>(fd);
}

void Consoles::send(Screen& screen) {
  bool reopened = false;
  while (!screen.pending.empty()) {
    const ssize_t count = ::write(screen.fd.get(), screen.pending.data(), screen.pending.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EIO && !reopened && reopen(screen)) {
      reopened = true;
      continue;
    }
    if (count < 0 && errno != EAGAIN) screen.pending.clear();  // it is gone: its text is lost, the others go on
    if (count <= 0) break;
    screen.pending.erase(0, static_cast<std::size_t>(count));
  }
  if (loop_ == nullptr || screen.watched == !screen.pending.empty()) return;
  screen.watched = !screen.pending.empty();
  if (!screen.watched) return loop_->unwatch(screen.fd);
  Status status = loop_->watch(screen.fd, EPOLLOUT, [this, raw = &screen](std::uint32_t) { send(*raw); });
  if (!status) screen.pending.clear();
}

void Consoles::flush(Milliseconds limit) {
  const Clock::time_point until = Clock::now() + limit;
  for (auto& screen : screens_) {
    send(*screen);
    while ((!screen->pending.empty() || is_still_sending(screen->fd)) && Clock::now() < until) {
      pollfd poll{screen->fd.get(), screen->pending.empty() ? short{0} : short{POLLOUT}, 0};
      ::poll(&poll, 1, 20);
      send(*screen);
    }
  }
}

void Consoles::hold(Milliseconds time) {
  if (loop_ == nullptr) return;
  held_until_ = Clock::now() + time;
  for (auto& screen : screens_)
    if (std::exchange(screen->watched, false)) loop_->unwatch(screen->fd);
  loop_->after(time + Milliseconds(1), [this] {
    if (Clock::now() < held_until_) return;  // held again: that one's timer sends
    for (auto& screen : screens_) send(*screen);
  });
}

void Consoles::follow(Loop& loop) {
  loop_ = &loop;
  for (auto& screen : screens_) send(*screen);
}

std::vector<std::string> find_consoles(const std::string& active_file) {
  std::vector<std::string> names;
  std::string name;
  for (char c : read_file(active_file, 4096).value_or("") + "\n") {
    if (c != ' ' && c != '\n') {
      name += c;
    } else if (!name.empty()) {
      names.push_back(std::exchange(name, ""));
    }
  }
  if (names.empty()) names.emplace_back("console");
  return names;
}

std::string read_kernel_log() {
  constexpr int read_all = 3, size_of_buffer = 10;  // SYSLOG_ACTION_READ_ALL, SYSLOG_ACTION_SIZE_BUFFER
  const int size = ::klogctl(size_of_buffer, nullptr, 0);
  if (size <= 0) return {};
  std::string text(static_cast<std::size_t>(size), '\0');
  const int count = ::klogctl(read_all, text.data(), size);
  text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return text;
}

void set_kernel_console_level(int level) { ::klogctl(set_console_level, nullptr, level); }

}  // namespace lifeboat::init
