#include "init/contract/base64.hpp"

#include <cstdint>

namespace lifeboat::contract {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 3);  // so that a password leaves no copies behind
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    held = (held << 6 | static_cast<std::uint32_t>(value)) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> bits & 0xff);
  }
  if ((held & ((1U << bits) - 1)) != 0) return std::nullopt;  // bits left over must be zero
  return bytes;
}

std::string encode_base64_unpadded(std::string_view bytes) {
  std::string text;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (char c : bytes) {
    held = (held << 8 | static_cast<unsigned char>(c)) & 0xffffff;
    for (bits += 8; bits >= 6; bits -= 6) text += alphabet[held >> (bits - 6) & 0x3f];
  }
  if (bits > 0) text += alphabet[held << (6 - bits) & 0x3f];
  return text;
}

std::string encode_base64(std::string_view bytes) {
  std::string text = encode_base64_unpadded(bytes);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

}  // namespace lifeboat::contract
