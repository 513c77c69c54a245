// An SMBIOS structure as the firmware gives it, and the same bytes as a kernel command line.
#include "init/fuzz/input.hpp"
#include "init/source/credentials.hpp"

using namespace lifeboat::init;

namespace {

void check_strings(std::string_view raw) {
  for (const std::string_view text : smbios_strings(raw)) {
    fuzz::require(!text.empty() && text.find('\0') == std::string_view::npos);
    fuzz::require(text.data() >= raw.data() + 5 && text.data() + text.size() < raw.data() + raw.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  check_strings(bytes);
  const CredentialPlaces nowhere{.fw_cfg = "/nonexistent", .dmi_entries = "/nonexistent"};
  auto findings = take_credentials(collect_credentials(nowhere, std::string(bytes)));
  if (findings) fuzz::require_usable(*findings);
  return 0;
}
