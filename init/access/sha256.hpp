#pragma once
#include <string>
#include <string_view>

namespace lifeboat::init {

/// The 32 bytes of SHA-256 (FIPS 180-4).
std::string sha256(std::string_view bytes);

}  // namespace lifeboat::init
