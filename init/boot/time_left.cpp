#include "init/boot/time_left.hpp"

#include <time.h>

#include <algorithm>
#include <array>

namespace lifeboat::init {
namespace {

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t longest_pause = 30'000;
constexpr std::array<std::int64_t, 4> warned_at{60, 15, 5, 1};  // minutes

std::int64_t read_clock(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

/// The warning that comes when less is left.
std::int64_t warning_below(std::int64_t left) {
  const auto found = std::ranges::find_if(warned_at, [left](std::int64_t minutes) { return minutes * minute < left; });
  return found == warned_at.end() ? 0 : *found;
}

}  // namespace

ClockTimes read_clocks() { return {read_clock(CLOCK_BOOTTIME), read_clock(CLOCK_REALTIME)}; }

std::int64_t time_left(const contract::Deadline& deadline, const ClockTimes& clocks) {
  return deadline.seconds * 1000 - (deadline.absolute ? clocks.since_1970 : clocks.since_start);
}

std::string time_words(std::int64_t milliseconds) {
  const std::int64_t seconds = std::max<std::int64_t>(milliseconds, 0) / 1000;
  if (seconds < 60) return std::to_string(seconds) + " s";
  const std::string minutes = std::to_string(seconds / 60 % 60) + " min";
  return seconds < 3600 ? minutes : std::to_string(seconds / 3600) + " h " + minutes;
}

Warnings::Warnings(std::int64_t left) : next_(warning_below(left)) {}

bool Warnings::is_due(std::int64_t left) {
  if (next_ == 0 || left > next_ * minute) return false;
  next_ = warning_below(left);
  return left > 0;
}

std::int64_t Warnings::until_next_look(std::int64_t left) const {
  return std::clamp<std::int64_t>(left - next_ * minute, 0, longest_pause);
}

}  // namespace lifeboat::init
