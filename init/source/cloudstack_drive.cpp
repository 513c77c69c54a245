#include "init/source/cloudstack_drive.hpp"

#include "init/contract/text.hpp"
#include "init/source/volume.hpp"

namespace lifeboat::init {

Result<Findings> read_cloudstack_drive(const std::string& folder) {
  Findings findings;
  const auto password = read_optional_volume_file(folder, "cloudstack/password/vm_password.txt");
  if (!password) add_note(password.error(), findings);
  // "saved_password": it was handed over before, and is not here any more.
  std::string text(password ? contract::trim(password->view()) : std::string_view());
  if (!text.empty() && text != "saved_password") take_password(std::move(text), "vm_password.txt", findings);
  for (const char* name : {"cloudstack/metadata/public-keys.txt", "cloudstack/metadata/public_keys.txt"}) {
    const auto keys = read_optional_volume_file(folder, name);
    if (keys) add_key_lines(keys->view(), findings);
    if (!keys) add_note(keys.error(), findings);
  }
  const auto hostname = read_optional_volume_file(folder, "cloudstack/metadata/local-hostname.txt");
  if (hostname) findings.hostname = contract::trim(hostname->view());
  return findings;
}

}  // namespace lifeboat::init
