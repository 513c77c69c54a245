#pragma once
#include <span>
#include <string_view>

namespace lifeboat::init {

/// The command `rescue` for the person who has logged in. Returns the exit status.
int run_rescue(std::span<const std::string_view> arguments);

/// `poweroff`, `reboot` and `halt`: tell PID 1, or with -f the kernel at once. Returns the exit status.
int run_end_command(std::string_view name, std::span<const std::string_view> arguments);

}  // namespace lifeboat::init
