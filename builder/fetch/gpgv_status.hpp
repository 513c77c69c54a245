#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat {

/// What gpgv found out about one signature.
struct SignatureVerdict {
  bool good = false;    ///< mathematically right, and key and signature neither expired nor revoked
  bool broken = false;  ///< wrong, or gpgv refused to judge it (SHA-1): reason to refuse the whole file
  std::string primary;  ///< fingerprint of the primary key; of the signing key or its id where gpgv says no more
  std::string reason;   ///< why it is not good, in words
};

/// Reads the lines of `gpgv --status-fd` (GnuPG's doc/DETAILS): one verdict per signature, in order.
std::vector<SignatureVerdict> parse_gpgv_status(std::string_view status);

}  // namespace lifeboat
