#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace lifeboat::init {

/// Text of a disk as a terminal and JSON can take it: valid UTF-8, at most about `limit` bytes ("..." says that more
/// was there), with control characters, C1 codes, direction overrides and broken bytes written as \xNN.
std::string printable(std::string_view text, std::size_t limit = 120);

/// As printable, and without blanks at either end.
std::string printable_trimmed(std::string_view text, std::size_t limit = 120);

}  // namespace lifeboat::init
