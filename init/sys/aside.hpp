#pragma once
#include <functional>
#include <optional>

#include "init/sys/clock.hpp"

namespace lifeboat::init {

/// Runs it in a forked child and waits for it: a system call that may never come back costs its time at most. Returns
/// what `run` returned (0 to 255: an errno fits); nothing where it did not end in time (it is killed) or crashed.
/// Blocks: for a worker.
std::optional<int> run_aside(Clock::time_point until, const std::function<int()>& run);

/// In a child that a dead disk may hold for minutes: standard input, output and error are /dev/null, since SSH, or a
/// pipe, waits for the end of whoever has them open.
void let_go_of_terminal();

}  // namespace lifeboat::init
