#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat {

/// Checks a cleartext-signed file with gpgv and returns the signed text, and only that. Judged by gpgv's status lines
/// alone: at least one VALIDSIG whose primary fingerprint is in `fingerprints` (40 upper-case hex digits), no BADSIG, no
/// ERRSIG other than NO_PUBKEY, no expired or revoked key, no SHA-1. `keyring` may be binary or armoured.
/// Throws Error naming `name`, what was expected and what was found.
std::string verify_cleartext(std::string_view signed_text, const std::filesystem::path& keyring,
                             std::span<const std::string> fingerprints, std::string_view name);

}  // namespace lifeboat
