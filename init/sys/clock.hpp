#pragma once
#include <chrono>

namespace lifeboat::init {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

/// Since the kernel started.
double seconds_since_start();

}  // namespace lifeboat::init
