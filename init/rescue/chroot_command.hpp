#pragma once
#include <span>
#include <string_view>

namespace lifeboat::init {

/// `rescue chroot [--at FOLDER] [COMMAND...]`. Returns the exit status: the command's own.
int run_chroot_command(std::span<const std::string_view> words);

}  // namespace lifeboat::init
