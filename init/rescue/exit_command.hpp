#pragma once
#include <span>
#include <string_view>

namespace lifeboat::init {

/// `rescue exit [--reboot|--poweroff]`. Returns the exit status: 0, safe to leave; 1, something is held on to; 3, a
/// disk changed although nobody asked.
int run_exit_command(std::span<const std::string_view> words);

}  // namespace lifeboat::init
