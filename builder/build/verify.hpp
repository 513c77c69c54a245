#pragma once
#include <filesystem>
#include <iosfwd>

#include "builder/build/options.hpp"

namespace lifeboat {

/// The raw Ed25519 signature over the bytes of manifest.json. Without Lifeboat:
/// openssl pkeyutl -verify -rawin -pubin -inkey KEY -in manifest.json -sigfile manifest.json.sig
constexpr const char* signature_file = "manifest.json.sig";

/// Checks an output folder: every file that its manifest names (size, SHA-256), that nothing else lies there, and the
/// manifest's signature. Says what holds in lines on `out`. Throws one Error with every fault, a line each. False
/// where an image has extra kernel arguments (`lifeboat patch`), which is no fault.
bool verify_output(const VerifyOptions& options, std::ostream& out);

/// Writes folder/manifest.json.sig over the manifest that is there, whose `signer` must be the key's fingerprint.
void sign_manifest(const std::filesystem::path& folder, const std::filesystem::path& private_key);

}  // namespace lifeboat
