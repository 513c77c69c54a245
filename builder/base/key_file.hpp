#pragma once
// Keys in PEM files, of any algorithm. Every function throws Error for a file that is missing, no PEM, encrypted (it is
// never asked for a passphrase: a pipeline has nobody to answer) or the wrong half.
#include <openssl/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace lifeboat {

/// Owns what OpenSSL frees with `Free`.
template <auto Free>
struct OpensslFree {
  void operator()(auto* object) const { Free(object); }
};
void free_key(EVP_PKEY* key);
using Key = std::unique_ptr<EVP_PKEY, OpensslFree<free_key>>;

enum class KeyHalf : std::uint8_t { private_half, public_half };

/// `how_to_make` is the command that makes a right key: the hint where the file holds something else.
Key read_key_file(const std::filesystem::path& file, KeyHalf half, const std::string& how_to_make);
/// The half that the file holds.
Key read_key_file(const std::filesystem::path& file, const std::string& how_to_make);

}  // namespace lifeboat
