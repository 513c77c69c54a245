#pragma once
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "init/source/findings.hpp"

namespace lifeboat::init::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// What must hold for every input: where it does not, the fuzzer keeps the input.
inline void require(bool holds) {
  if (!holds) std::abort();
}

/// What may leave a parser, whatever it was given.
inline void require_usable(const Findings& findings) {
  require(findings.password.empty() || password_trouble(findings.password.view()).empty());
  require(findings.password_hash.empty() || hash_trouble(findings.password_hash).empty());
  require(findings.keys.size() <= most_keys && findings.notes.size() <= most_notes);
  for (const std::string& key : findings.keys) require(!key.empty() && key.find_first_of("\r\n") == std::string::npos);
}

}  // namespace lifeboat::init::fuzz
