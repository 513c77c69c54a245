#pragma once

namespace lifeboat::init {

/// PID 1: from the kernel's hand-over to the end of the session. Never returns.
[[noreturn]] void boot();

}  // namespace lifeboat::init
