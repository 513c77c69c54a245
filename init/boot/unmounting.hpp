#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "init/disk/session_mounts.hpp"
#include "init/sys/clock.hpp"

namespace lifeboat::init {

/// Syncs and unmounts all that the session has mounted, the last first. What is busy is made read-only where that is
/// possible, and detached: it goes with its last user. A disk that does not answer costs its own share of the time.
/// Returns one line for each that was not unmounted, with whoever uses it. For a worker.
std::string unmount_session(Clock::time_point until);

/// The lines of an answer.
std::vector<std::string> lines_of(std::string_view text);

}  // namespace lifeboat::init
