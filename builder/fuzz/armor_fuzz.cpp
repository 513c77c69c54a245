// The frame of a signed file, and armoured keyrings: what comes before gpgv.
#include "builder/base/error.hpp"
#include "builder/fetch/armor.hpp"
#include "builder/fuzz/input.hpp"

using namespace lifeboat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  try {
    check_cleartext_frame(text, "InRelease");
    fuzz::require(text.find("-----END PGP SIGNATURE-----") != std::string_view::npos);
  } catch (const Error&) {
  }
  try {
    fuzz::require(!binary_keyring(text, "keyring").empty());
  } catch (const Error&) {
  }
  return 0;
}
