#pragma once
#include <string>
#include <string_view>

namespace lifeboat {

/// The binary form of a keyring: gpgv takes no other. `keyring` may be binary already, or hold one or several armoured
/// public key blocks with text between them. Throws Error for a broken block, or one without keys.
std::string binary_keyring(std::string_view keyring, std::string_view name);

/// Throws WrongContent unless `text` is one cleartext-signed message and nothing else: gpgv itself passes over what
/// stands before and after it.
void check_cleartext_frame(std::string_view text, std::string_view name);

}  // namespace lifeboat
