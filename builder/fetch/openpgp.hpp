#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat {

/// Checks a cleartext-signed file with gpgv and returns the signed text, and only that. Judged by gpgv's status lines
/// alone: at least one good signature (GOODSIG and VALIDSIG) by a primary key of `fingerprints` (40 upper-case hex
/// digits) over SHA-256 or better. A signature by an unknown, expired or revoked key counts for nothing; a wrong one
/// (BADSIG), one that gpgv cannot check or one over SHA-1 refuses the file, whatever stands beside it; so does any text
/// outside the signed part. `keyring` may be binary or armoured.
/// Throws WrongContent naming `name`, what was expected and what was found; Error when gpgv or the keyring is missing.
std::string verify_cleartext(std::string_view signed_text, const std::filesystem::path& keyring,
                             std::span<const std::string> fingerprints, std::string_view name);

}  // namespace lifeboat
