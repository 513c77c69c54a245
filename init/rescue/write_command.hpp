#pragma once
#include <span>
#include <string_view>

namespace lifeboat::init {

/// `rescue write DEVICE`: lifts the write protection of one disk or partition. Returns the exit status.
int run_write_command(std::span<const std::string_view> words);

}  // namespace lifeboat::init
