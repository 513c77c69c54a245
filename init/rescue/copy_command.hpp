#pragma once
#include <span>
#include <string_view>

namespace lifeboat::init {

/// `rescue copy SOURCE TARGET [--yes]`. Returns the exit status: 0 all was copied, 1 a part or nothing was, 2 usage.
int run_copy_command(std::span<const std::string_view> words);

}  // namespace lifeboat::init
