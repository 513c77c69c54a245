#pragma once
#include <string>

#include "init/sys/clock.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// The lock of a file made for it, held as long as the result is open. It is fcntl's, which children do not inherit:
/// one that a dead disk holds would keep it for minutes. A Failure with the number EAGAIN: somebody else had it all the
/// time. Blocks for `patience`.
Result<Fd> lock_file(const std::string& path, Milliseconds patience);

}  // namespace lifeboat::init
