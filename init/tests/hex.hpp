#pragma once
#include <string>
#include <string_view>

namespace lifeboat::init::test {

/// "0a ff" -> two bytes; everything that is no hexadecimal digit only parts the digits for the eye.
inline std::string from_hex(std::string_view text) {
  std::string bytes;
  int half = -1;
  for (char c : text) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) continue;
    if (half >= 0) bytes += static_cast<char>(half * 16 + digit);
    half = half >= 0 ? -1 : digit;
  }
  return bytes;
}

inline std::string to_hex(std::string_view bytes) {
  std::string text;
  for (char c : bytes)
    for (int digit : {static_cast<unsigned char>(c) >> 4, c & 15}) text += "0123456789abcdef"[digit];
  return text;
}

}  // namespace lifeboat::init::test
