#pragma once
#include <span>
#include <string_view>

namespace lifeboat::init {

/// `rescue mount [DEVICE] [--write] [--at FOLDER] [--key-file FILE] [--force]`. Returns the exit status.
int run_mount_command(std::span<const std::string_view> words);

}  // namespace lifeboat::init
