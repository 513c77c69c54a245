#pragma once
#include "init/source/findings.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Our own kernel arguments: lifeboat.password_hash=, lifeboat.authorized_key= (may be repeated), lifeboat.deadline=.
/// lifeboat.password= (clear text, which every user of the system could read) is refused and said.
Result<Findings> read_kernel_arguments(const Platform& platform);

}  // namespace lifeboat::init
