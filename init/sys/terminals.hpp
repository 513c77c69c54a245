#pragma once
#include <string>
#include <string_view>

namespace lifeboat::init {

/// Shows the text on every pseudo terminal, wherever its cursor is. One that does not take it at once goes without.
void write_to_terminals(std::string_view text, const std::string& folder = "/dev/pts");

}  // namespace lifeboat::init
