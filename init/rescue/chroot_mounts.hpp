#pragma once
#include <string>

#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Mounts what programs need below the root at `at`, in the calling process's mount and PID namespaces, which must be
/// its own: see run_in_original(). Returns the root in that namespace. With `read_only` its files take no
/// changes in there, however they are mounted.
Result<Fd> prepare_mounts(const std::string& at, bool read_only);

}  // namespace lifeboat::init
