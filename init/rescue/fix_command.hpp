#pragma once
#include <span>
#include <string_view>

namespace lifeboat::init {

/// `rescue fix NAME [--dry-run] ...`. Returns the exit status.
int run_fix_command(std::span<const std::string_view> words);

}  // namespace lifeboat::init
