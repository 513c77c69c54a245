#pragma once
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat {

/// Pieces between separators, empty ones included: split("a,,b", ',') = {"a", "", "b"}; split("") = {""}.
std::vector<std::string_view> split(std::string_view text, char separator);
/// Non-empty pieces between runs of blanks, tabs and newlines.
std::vector<std::string_view> split_words(std::string_view text);
/// The lines without their "\n"; a last empty one is left out.
std::vector<std::string_view> split_lines(std::string_view text);
std::string_view trim(std::string_view text);
std::string join(std::span<const std::string> pieces, std::string_view separator);

/// A decimal number that is the whole text; nothing for anything else, and where it does not fit.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "532 B", "4.2 KiB", "89.1 MiB", "1.3 GiB".
std::string format_size(std::uint64_t bytes);

/// The candidate nearest to `word` (edit distance at most a third of its length), or "".
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// shell-style match of a whole path: `*` and `?` within one component, `**` across components.
bool glob_matches(std::string_view pattern, std::string_view path);

/// Bytes that came from outside, for a terminal: control characters and broken UTF-8 become \xNN.
std::string printable(std::string_view text);

}  // namespace lifeboat
