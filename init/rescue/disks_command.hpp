#pragma once
#include <span>
#include <string_view>

namespace lifeboat::init {

/// `rescue disks [--json]`: looks at all disks anew. Returns the exit status.
int run_disks_command(std::span<const std::string_view> words);

}  // namespace lifeboat::init
