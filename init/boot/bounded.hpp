#pragma once
#include <functional>
#include <string>

#include "init/boot/machine.hpp"

namespace lifeboat::init {

/// Runs it in a worker and waits for it, at most so long; the loop goes on meanwhile. `goes_on` is asked several times
/// a second: once it says no, the wait is over and the worker is left to its limit.
Result<std::string> run_bounded(
    Machine& machine, const std::string& name, Milliseconds limit, const std::function<Result<std::string>()>& run,
    const std::function<bool()>& goes_on = [] { return true; });

/// The same for what has no text to give.
Status run_bounded_status(Machine& machine, const std::string& name, Milliseconds limit,
                          const std::function<Status()>& run);

/// Watches a file in memory grow, and says so on the consoles every few seconds.
class Growth {
 public:
  /// `doing`: "Copying the root image to memory".
  Growth(Machine& machine, std::string doing, std::string file, std::uint64_t whole, Milliseconds patience);
  /// False once it has not grown for as long as `patience`.
  bool look();

 private:
  Machine& machine_;
  std::string doing_, file_;
  std::uint64_t whole_, size_ = 0;
  Milliseconds patience_;
  Clock::time_point grown_, said_;
};

}  // namespace lifeboat::init
