#pragma once
#include <cstdint>

#include "init/sys/fd.hpp"

namespace lifeboat::init {

enum class XfsLog { clean, dirty, unknown };

/// Whether the XFS that begins at `start` was unmounted: whether the last record of its log says so. Unknown where the
/// log lies on another device or does not read.
XfsLog read_xfs_log(const Fd& device, std::uint64_t start);

}  // namespace lifeboat::init
