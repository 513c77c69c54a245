#pragma once
#include <filesystem>

#include "builder/base/digest.hpp"
#include "builder/media/media.hpp"

namespace lifeboat {

/// SHA-256 of the certificate, as `openssl x509 -fingerprint -sha256` has it. Throws Error where the pair cannot sign
/// for UEFI firmware: a file that is missing or no PEM, an encrypted key, one that is not RSA of at least 2048 bits or
/// not the certificate's, a certificate that has expired or is not valid yet.
Sha256 check_secure_boot_key(const SecureBootKey& pair);

/// Signs an EFI program in place (Microsoft's "Windows Authenticode Portable Executable Signature Format"), and has
/// sbverify judge the result. Not with sbsign: that writes the time of signing into the signature, and the same program
/// and key shall give the same bytes. Firmware does not ask for that time.
void sign_program(const std::filesystem::path& file, const SecureBootKey& pair);

}  // namespace lifeboat
