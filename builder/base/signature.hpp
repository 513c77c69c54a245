#pragma once
// Ed25519 (RFC 8032) with keys as `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` write them: PEM,
// PKCS #8 and SubjectPublicKeyInfo. Every function throws Error for a key file that is missing, no PEM, encrypted (it
// is never asked for a passphrase: a pipeline has nobody to answer), of another algorithm, or the wrong half.
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "builder/base/digest.hpp"

namespace lifeboat {

constexpr std::size_t signature_size = 64;  ///< bytes

/// The raw signature over `bytes`; `openssl pkeyutl -verify -rawin` takes it as it is.
std::string sign_bytes(std::string_view bytes, const std::filesystem::path& private_key);

/// True when `signature` over `bytes` was made with the private half of `public_key`.
bool is_signed_by(std::string_view bytes, std::string_view signature, const std::filesystem::path& public_key);

/// SHA-256 over the DER SubjectPublicKeyInfo: the same for both halves of a key.
Sha256 key_fingerprint(const std::filesystem::path& key);

}  // namespace lifeboat
