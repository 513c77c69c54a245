#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "init/contract/deadline.hpp"

namespace lifeboat::init {

/// What the clocks say, in milliseconds.
struct ClockTimes {
  std::int64_t since_start = 0;  ///< CLOCK_BOOTTIME: goes on while the machine is suspended
  std::int64_t since_1970 = 0;   ///< CLOCK_REALTIME: may be set
};
ClockTimes read_clocks();

/// Milliseconds; not positive: it is over.
std::int64_t time_left(const contract::Deadline& deadline, const ClockTimes& clocks);

/// "23 h 59 min", "59 min", "1 min", "45 s": rounded down, as a clock that runs down shows it.
std::string time_words(std::int64_t milliseconds);

/// Which warnings a session has had.
class Warnings {
 public:
  /// Those that are later than what is left are left out: whoever logs in then is told at once.
  explicit Warnings(std::int64_t left);
  /// True once for each of 60, 15, 5 and 1 minutes; where the clock jumped over several, once.
  bool is_due(std::int64_t left);
  /// How long nothing happens, at most half a minute: a clock may be set meanwhile.
  std::int64_t until_next_look(std::int64_t left) const;

 private:
  std::int64_t next_;  ///< minutes; 0: none is left
};

}  // namespace lifeboat::init
