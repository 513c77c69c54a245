#pragma once
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "builder/fuzz/input.hpp"

/// libFuzzer's own: changes the input at random.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace lifeboat::fuzz {

/// Writes the checksum of every ustar header anew: with a wrong one, a tar reader looks no further.
inline void mend_tar_checksums(std::uint8_t* data, std::size_t size) {
  constexpr std::size_t header = 512, checksum_at = 148, magic_at = 257;
  const std::string_view text = text_of(data, size);
  for (std::size_t at = 0; (at = text.find("ustar", at)) != std::string_view::npos; ++at) {
    if (at < magic_at || at - magic_at + header > size) continue;
    std::uint8_t* const begin = data + at - magic_at;
    std::memset(begin + checksum_at, ' ', 8);
    unsigned sum = 0;
    for (std::size_t i = 0; i < header; ++i) sum += begin[i];
    char digits[8];
    std::snprintf(digits, sizeof digits, "%06o", sum);
    std::memcpy(begin + checksum_at, digits, 7);
  }
}

/// A mutation that most often leaves the checksums right.
inline std::size_t mutate_tar(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  size = LLVMFuzzerMutate(data, size, most);
  if (seed % 8 != 0) mend_tar_checksums(data, size);
  return size;
}

}  // namespace lifeboat::fuzz
