#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace lifeboat {

/// How fast something goes of late: over the last five seconds, so that what was there at the start does not count and
/// a stall is seen.
class Rate {
 public:
  using Clock = std::chrono::steady_clock;

  void add(Clock::time_point when, std::uint64_t done);
  /// Per second; nothing until half a second has been seen.
  std::optional<double> per_second() const;

 private:
  std::deque<std::pair<Clock::time_point, std::uint64_t>> seen_;
};

}  // namespace lifeboat
