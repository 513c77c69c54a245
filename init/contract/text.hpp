#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lifeboat::contract {

/// The text split at runs of any of `separators`; no empty pieces. The pieces point into the text.
std::vector<std::string_view> split_words(std::string_view text, std::string_view separators);

/// Without blanks, tabs and line ends at both ends.
std::string_view trim(std::string_view text);

/// Cuts the first line off, without its end.
std::string_view take_line(std::string_view& text);

/// "key=value" at the first '='. Nothing when there is none.
std::optional<std::pair<std::string_view, std::string_view>> split_assignment(std::string_view text);

/// A decimal number from 0 to `maximum`: digits alone, no sign, no blanks.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t maximum);

/// Exactly `length` lower-case hexadecimal digits.
bool is_lower_hex(std::string_view text, std::size_t length);

/// A foreign text for a message: short and printable, in quotes.
std::string in_quotes(std::string_view text);

}  // namespace lifeboat::contract
