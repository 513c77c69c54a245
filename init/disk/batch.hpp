#pragma once
#include <functional>
#include <string>
#include <vector>

#include "init/sys/clock.hpp"
#include "init/sys/loop.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// One of many pieces of work, each in a worker of its own.
struct BatchTask {
  std::string name;                  ///< for messages: "looking into the RAID server:0"
  std::function<std::string()> run;  ///< in the worker; each tell_part() there starts its time anew
  std::function<void(const Result<std::string>&)> ended;  ///< exactly once, also where there was no time for it
};

struct BatchLimits {
  std::size_t at_once;
  Milliseconds each;
  Milliseconds all;
};

/// Blocks until all have ended, at most as long as the limits say.
void run_batch(Loop& loop, std::vector<BatchTask> tasks, const BatchLimits& limits);

}  // namespace lifeboat::init
