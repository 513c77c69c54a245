#pragma once
#include <span>
#include <string_view>

namespace lifeboat::init {

/// `rescue check [--json] [--at FOLDER]`. Returns the exit status: 0, or 1 where something is broken.
int run_check_command(std::span<const std::string_view> words);

}  // namespace lifeboat::init
