// Another time of day, and a clock that runs faster.
//   LIFEBOAT_CLOCK_OFFSET=86400  it is a day later
//   LIFEBOAT_CLOCK_SPEED=30      what is measured in seconds (steady clocks) takes a thirtieth: waiting for a stalled
//                                mirror becomes short; poll() and its like still wait as long as they are told
#include <sys/time.h>
#include <time.h>

#include <cstdlib>

#include "builder/tests/build/preload/next.hpp"

namespace {

long number_of(const char* variable, long without) {
  const char* text = std::getenv(variable);
  return text == nullptr ? without : std::strtol(text, nullptr, 10);
}

long offset() {
  static const long seconds = number_of("LIFEBOAT_CLOCK_OFFSET", 0);
  return seconds;
}

void speed_up(timespec& now) {
  static const long factor = number_of("LIFEBOAT_CLOCK_SPEED", 1);
  constexpr long second = 1'000'000'000;
  const long nanoseconds = now.tv_nsec * factor;
  now.tv_sec = now.tv_sec * factor + nanoseconds / second;
  now.tv_nsec = nanoseconds % second;
}

bool is_steady(clockid_t clock) {
  return clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_MONOTONIC_COARSE ||
         clock == CLOCK_BOOTTIME;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) {
  static const auto real = lifeboat::preload::next<int(clockid_t, timespec*)>("clock_gettime");
  const int result = real(clock, now);
  if (result != 0) return result;
  if (is_steady(clock)) speed_up(*now);
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) now->tv_sec += offset();
  return 0;
}

time_t time(time_t* now) {
  timespec precise{};
  ::clock_gettime(CLOCK_REALTIME, &precise);
  if (now != nullptr) *now = precise.tv_sec;
  return precise.tv_sec;
}

int gettimeofday(timeval* now, void*) {
  timespec precise{};
  ::clock_gettime(CLOCK_REALTIME, &precise);
  *now = {precise.tv_sec, precise.tv_nsec / 1000};
  return 0;
}

}  // extern "C"
