#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace lifeboat::contract {

/// RFC 4648, standard alphabet, padded; nothing else (no line ends).
std::optional<std::string> decode_base64(std::string_view text);

std::string encode_base64(std::string_view bytes);

/// Without padding, as OpenSSH prints fingerprints.
std::string encode_base64_unpadded(std::string_view bytes);

}  // namespace lifeboat::contract
