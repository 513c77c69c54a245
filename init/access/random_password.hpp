#pragma once
#include "init/sys/result.hpp"
#include "init/sys/secret.hpp"

namespace lifeboat::init {

/// Four groups of four letters and digits, without those that look alike ("k7mp-..."): 79 bits out of the kernel's
/// random number generator, and readable off a screen.
Result<Secret> make_random_password();

}  // namespace lifeboat::init
