#pragma once
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "init/sys/clock.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// The one event loop: descriptors (epoll), timers, signals (signalfd) and ended children.
/// Handlers may add and remove anything, themselves too. A handler that throws costs its own event: on_trouble is told.
class Loop {
 public:
  using Handler = std::function<void()>;
  using Timer = std::uint64_t;

  /// Blocks the signals that it takes over (SIGCHLD and those of on_signal) for the process.
  static Result<std::unique_ptr<Loop>> create();

  /// Calls `ready` with the epoll events whenever there are any. The descriptor stays the caller's: unwatch before
  /// closing it.
  Status watch(const Fd& fd, std::uint32_t events, std::function<void(std::uint32_t)> ready);
  void unwatch(const Fd& fd);

  Timer after(Milliseconds delay, Handler handler);
  void cancel(Timer timer);

  /// Calls `ended` once with the wait status. Children that nobody asked for (orphans of others) are reaped in silence.
  void on_child(pid_t pid, std::function<void(int)> ended);
  void forget_child(pid_t pid) { children_.erase(pid); }
  Status on_signal(int number, Handler handler);
  void on_trouble(std::function<void(const std::string&)> handler) { trouble_ = std::move(handler); }

  /// Handles events until `done` (asked first, and after each round of events) or until the limit is over. True: done.
  bool run_until(const std::function<bool()>& done, Milliseconds limit);

 private:
  Loop() = default;
  void wait_and_dispatch(Clock::time_point until);
  void dispatch(int fd, std::uint32_t events);
  void run_due_timers();
  void read_signals();
  void reap_children();
  void guarded(const Handler& handler);

  Fd epoll_, signals_;
  std::map<int, std::function<void(std::uint32_t)>> watches_;
  std::map<std::pair<Clock::time_point, Timer>, Handler> timers_;
  std::map<pid_t, std::function<void(int)>> children_;
  std::map<int, Handler> signal_handlers_;
  std::function<void(const std::string&)> trouble_;
  Timer last_timer_ = 0;
};

}  // namespace lifeboat::init
