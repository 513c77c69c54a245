// gpgv's status lines, which hold words of the signer's own.
#include "builder/fetch/gpgv_status.hpp"
#include "builder/fuzz/input.hpp"

using namespace lifeboat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const SignatureVerdict& verdict : parse_gpgv_status(fuzz::text_of(data, size)))
    fuzz::require(!verdict.good || (!verdict.broken && verdict.reason.empty()));
  return 0;
}
