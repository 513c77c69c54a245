#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "init/sys/result.hpp"
#include "init/sys/secret.hpp"

namespace lifeboat::init {

/// How Nova's XenAPI driver hands a password over: Diffie-Hellman over a prime of 107 bits, then AES-128-CBC. Anybody
/// who reads the store can undo it: it is as confidential as the host.
class XenstoreKey {
 public:
  using Number = unsigned __int128;

  /// `other`: the host's public key, decimal. `own`: our private one, random.
  static Result<XenstoreKey> agree(std::string_view other, Number own);
  /// Our public key, decimal.
  const std::string& public_key() const noexcept { return public_key_; }
  /// The text in `encrypted` (base64), without the line end that hosts put behind it. Which digest made key and vector
  /// depends on the host's openssl: MD5 before its version 1.1, SHA-256 since. The one that yields a text is right.
  Result<Secret> decrypt(std::string_view encrypted) const;

 private:
  std::string public_key_;
  Secret shared_;  ///< decimal: a password to openssl
};

/// A random private key.
Result<XenstoreKey::Number> make_xenstore_private_key();

}  // namespace lifeboat::init
