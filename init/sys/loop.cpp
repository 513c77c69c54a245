#include "init/sys/loop.hpp"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>

namespace lifeboat::init {

Result<std::unique_ptr<Loop>> Loop::create() {
  std::unique_ptr<Loop> loop(new Loop);
  loop->epoll_ = Fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!loop->epoll_) return failure_from_errno("creating the event loop", errno);
  if (Status status = loop->on_signal(SIGCHLD, [raw = loop.get()] { raw->reap_children(); }); !status)
    return status.failure();
  Status watched = loop->watch(loop->signals_, EPOLLIN, [raw = loop.get()](std::uint32_t) { raw->read_signals(); });
  if (!watched) return watched.failure();
  return loop;
}

Status Loop::watch(const Fd& fd, std::uint32_t events, std::function<void(std::uint32_t)> ready) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd.get();
  const int operation = watches_.count(fd.get()) != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  if (::epoll_ctl(epoll_.get(), operation, fd.get(), &event) != 0) return failure_from_errno("watching a file", errno);
  watches_[fd.get()] = std::move(ready);
  return Done{};
}

void Loop::unwatch(const Fd& fd) {
  if (watches_.erase(fd.get()) != 0) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd.get(), nullptr);
}

Loop::Timer Loop::after(Milliseconds delay, Handler handler) {
  timers_.emplace(std::pair{Clock::now() + delay, ++last_timer_}, std::move(handler));
  return last_timer_;
}

void Loop::cancel(Timer timer) {
  std::erase_if(timers_, [timer](const auto& entry) { return entry.first.second == timer; });
}

void Loop::on_child(pid_t pid, std::function<void(int)> ended) { children_[pid] = std::move(ended); }

Status Loop::on_signal(int number, Handler handler) {
  signal_handlers_[number] = std::move(handler);
  sigset_t set;
  sigemptyset(&set);
  for (const auto& [signal, unused] : signal_handlers_) sigaddset(&set, signal);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return failure_from_errno("blocking signals", errno);
  const int fd = ::signalfd(signals_ ? signals_.get() : -1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd < 0) return failure_from_errno("taking over signals", errno);
  if (!signals_) signals_ = Fd(fd);
  return Done{};
}

bool Loop::run_until(const std::function<bool()>& done, Milliseconds limit) {
  const Clock::time_point until = Clock::now() + limit;
  while (!done()) {
    if (Clock::now() >= until) return false;
    wait_and_dispatch(until);
  }
  return true;
}

void Loop::wait_and_dispatch(Clock::time_point until) {
  if (!timers_.empty()) until = std::min(until, timers_.begin()->first.first);
  const auto left = std::chrono::ceil<Milliseconds>(until - Clock::now()).count();
  std::array<epoll_event, 16> events{};
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                 static_cast<int>(std::clamp<long long>(left, 0, 3600'000)));
  for (int i = 0; i < count; ++i)
    dispatch(events[static_cast<std::size_t>(i)].data.fd, events[static_cast<std::size_t>(i)].events);
  run_due_timers();
}

void Loop::dispatch(int fd, std::uint32_t events) {
  const auto watch = watches_.find(fd);
  if (watch == watches_.end()) return;  // an earlier handler of this round removed it
  const auto ready = watch->second;     // a copy: the handler may remove itself
  guarded([&] { ready(events); });
}

void Loop::run_due_timers() {
  const Clock::time_point now = Clock::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto timer = timers_.extract(timers_.begin());
    guarded(timer.mapped());
  }
}

void Loop::read_signals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    const auto handler = signal_handlers_.find(static_cast<int>(info.ssi_signo));
    if (handler != signal_handlers_.end()) guarded(handler->second);
  }
}

void Loop::reap_children() {
  int status = 0;
  while (const pid_t pid = ::waitpid(-1, &status, WNOHANG)) {
    if (pid < 0) return;
    if (auto child = children_.extract(pid)) guarded([&] { child.mapped()(status); });
  }
}

void Loop::guarded(const Handler& handler) {
  try {
    handler();
  } catch (const std::exception& error) {
    if (trouble_) trouble_(error.what());
  }
}

}  // namespace lifeboat::init
