#include "init/disk/printable.hpp"

#include <cstdint>

namespace lifeboat::init {
namespace {

/// The bytes of the UTF-8 character at the front; 0 where it is broken (overlong, surrogate, cut off).
std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = at(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xc2 ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((at(i) & 0xc0U) != 0x80) return 0;
  const unsigned second = at(1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool beyond = (first == 0xed && second >= 0xa0) || (first == 0xf4 && second >= 0x90);
  return overlong || beyond ? 0 : length;
}

/// Characters that would move the cursor, change its colour, or reorder what the reader sees.
bool may_be_shown(std::string_view character) {
  if (character.size() == 1) return character[0] >= 0x20 && character[0] != 0x7f;
  if (character.size() == 2) return !(character[0] == '\xc2' && static_cast<unsigned char>(character[1]) < 0xa0);
  if (!character.starts_with("\xe2\x80") && !character.starts_with("\xe2\x81")) return true;
  const auto last = static_cast<unsigned char>(character[2]);
  const bool general = character[1] == '\x80' && (last == 0x8e || last == 0x8f || (last >= 0xa8 && last <= 0xae));
  const bool isolate = character[1] == '\x81' && last >= 0xa6 && last <= 0xa9;
  return !general && !isolate;
}

void append_escaped(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    out += "\\x";
    out += digits[value >> 4U];
    out += digits[value & 15U];
  }
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= limit) return out + "...";
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    if (length != 0 && may_be_shown(character))
      out += character;
    else
      append_escaped(out, character);
    text.remove_prefix(character.size());
  }
  return out;
}

std::string printable_trimmed(std::string_view text, std::size_t limit) {
  constexpr std::string_view blanks(" \t\r\n\0", 5);
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return printable(text.substr(first, text.find_last_not_of(blanks) - first + 1), limit);
}

}  // namespace lifeboat::init
