#include "builder/fetch/armor.hpp"

#include <cstdint>
#include <vector>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/fetch/downloader.hpp"

namespace lifeboat {
namespace {

constexpr std::string_view key_begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
constexpr std::string_view key_end = "-----END PGP PUBLIC KEY BLOCK-----";
constexpr std::string_view message_begin = "-----BEGIN PGP SIGNED MESSAGE-----";
constexpr std::string_view signature_begin = "-----BEGIN PGP SIGNATURE-----";
constexpr std::string_view signature_end = "-----END PGP SIGNATURE-----";

int base64_digit(char c) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t at = digits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

/// Appends what one line of base64 says; false when it is not base64. `bits` carries over from line to line.
bool append_base64(std::string_view line, std::string& bytes, std::uint32_t& bits, int& count) {
  while (line.ends_with('=')) line.remove_suffix(1);
  for (const char c : line) {
    const int digit = base64_digit(c);
    if (digit < 0) return false;
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>((bits >> count) & 0xff);
  }
  return true;
}

/// The lines of one armoured block, headers and checksum left out. `at` is the line after BEGIN and ends after END.
/// The checksum (RFC 4880, 6.1) guards against slips of a mail system, not against people, and is not looked at.
std::string decode_block(const std::vector<std::string_view>& lines, std::size_t& at, std::string_view name) {
  while (at < lines.size() && lines[at].find(':') != std::string_view::npos) ++at;
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (; at < lines.size(); ++at) {
    const std::string_view line = trim(lines[at]);
    if (line == key_end) return bytes;
    if (line.empty() || line.starts_with('=')) continue;
    if (!append_base64(line, bytes, bits, count))
      throw Error("reading keyring " + std::string(name) + ": line " + std::to_string(at + 1) + " is not base64");
  }
  throw Error("reading keyring " + std::string(name) + ": the key block has no end");
}

[[noreturn]] void not_a_message(std::string_view name, const std::string& reason) {
  throw WrongContent(std::string(name) + " is not a signed file: " + reason);
}

/// The first line at or after `at` that equals `wanted`; lines.size() where there is none.
std::size_t find_line(const std::vector<std::string_view>& lines, std::size_t at, std::string_view wanted) {
  while (at < lines.size() && trim(lines[at]) != wanted) ++at;
  return at;
}

}  // namespace

std::string binary_keyring(std::string_view keyring, std::string_view name) {
  if (keyring.empty()) throw Error("reading keyring " + std::string(name) + ": it is empty");
  if ((static_cast<unsigned char>(keyring[0]) & 0x80) != 0) return std::string(keyring);  // an OpenPGP packet
  const std::vector<std::string_view> lines = split_lines(keyring);
  std::string bytes;
  for (std::size_t at = 0; at < lines.size(); ++at) {
    if (trim(lines[at]) != key_begin) continue;
    ++at;
    bytes += decode_block(lines, at, name);
  }
  if (bytes.empty())
    throw Error("reading keyring " + std::string(name) + ": it holds no OpenPGP public key",
                "export one with: gpg --export FINGERPRINT > FILE");
  return bytes;
}

void check_cleartext_frame(std::string_view text, std::string_view name) {
  const std::vector<std::string_view> lines = split_lines(text);
  if (lines.empty()) not_a_message(name, "it is empty");
  if (trim(lines[0]) != message_begin)
    not_a_message(name, "it begins with \"" + printable(lines[0].substr(0, 60)) + "\"");
  std::size_t at = find_line(lines, 1, signature_begin);
  if (at == lines.size()) not_a_message(name, "it ends before its signature");
  while (at < lines.size() && trim(lines[at]) == signature_begin) {
    at = find_line(lines, at, signature_end);
    if (at == lines.size()) not_a_message(name, "its signature is cut off");
    ++at;
  }
  for (; at < lines.size(); ++at)
    if (!trim(lines[at]).empty())
      not_a_message(name, "text stands after its signature: \"" + printable(lines[at].substr(0, 60)) + "\"");
}

}  // namespace lifeboat
