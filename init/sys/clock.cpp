#include "init/sys/clock.hpp"

#include <time.h>

namespace lifeboat::init {

double seconds_since_start() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

}  // namespace lifeboat::init
