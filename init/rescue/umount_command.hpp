#pragma once
#include <span>
#include <string_view>

namespace lifeboat::init {

/// `rescue umount`: undoes what `rescue mount` did. Returns the exit status: 1 where something is held on to.
int run_umount_command(std::span<const std::string_view> words);

}  // namespace lifeboat::init
