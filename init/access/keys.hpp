#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Whether the text is one public key line as OpenSSH takes it in authorized_keys: a known type, base64 whose first
/// field names that same type, an optional comment. Options before the type ("command=...") are refused: a platform
/// hands over keys, not rules. Returns why it is not.
Status check_public_key(std::string_view line);

/// What became of a source's keys.
struct CheckedKeys {
  std::vector<std::string> good;
  std::vector<std::string> refused;  ///< why; never the key itself
};
CheckedKeys check_public_keys(const std::vector<std::string>& lines);

/// Writes ROOT/root/.ssh/authorized_keys (0600, the folder 0700) with exactly these keys.
Status write_authorized_keys(const std::string& root, const std::vector<std::string>& keys);

}  // namespace lifeboat::init
