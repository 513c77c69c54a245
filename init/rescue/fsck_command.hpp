#pragma once
#include <span>
#include <string_view>

namespace lifeboat::init {

/// `rescue fsck [DEVICE...] [--yes]`. Returns the exit status: 0 no errors or all repaired, 1 errors are left, 8 a
/// device could not be checked, 2 usage.
int run_fsck_command(std::span<const std::string_view> words);

}  // namespace lifeboat::init
