#pragma once
#include <functional>
#include <string>

#include "init/sys/clock.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Does it in a child process of its own, which shares our mounts, and waits at most so long: a system call on a disk
/// that does not answer never comes back.
Status do_within(const std::string& doing, Milliseconds limit, const std::function<Status()>& run);

}  // namespace lifeboat::init
