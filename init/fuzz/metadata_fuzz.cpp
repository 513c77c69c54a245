// What metadata services say: the first byte picks the service, the rest is its document.
#include <array>

#include "init/fuzz/input.hpp"
#include "init/source/akamai_service.hpp"
#include "init/source/azure_drive.hpp"
#include "init/source/azure_service.hpp"
#include "init/source/cloudstack_service.hpp"
#include "init/source/digitalocean_service.hpp"
#include "init/source/ec2_service.hpp"
#include "init/source/gce_service.hpp"
#include "init/source/hetzner_service.hpp"
#include "init/source/meta_data.hpp"
#include "init/source/oracle_service.hpp"
#include "init/source/scaleway_service.hpp"
#include "init/source/vultr_service.hpp"

using namespace lifeboat::init;

namespace {

/// Both documents are the same.
Result<Findings> parse_gce(std::string_view text) { return parse_gce_attributes(text, text, 1767225600); }

Result<Findings> parse_ec2(std::string_view text) {
  const Ec2Keys keys = parse_ec2_keys(text);
  fuzz::require(keys.numbers.size() <= most_keys);
  for (const std::string& number : keys.numbers)
    fuzz::require(number.find_first_not_of("0123456789") == std::string::npos && number.size() <= 4);
  Findings findings;
  add_key_lines(keys.lines, findings);
  return findings;
}

Result<Findings> parse_password(std::string_view text) {
  auto password = parse_password_reply(text);
  if (!password) return password.failure();
  Findings findings;
  take_password(std::string(password->view()), "the password", findings);
  return findings;
}

/// A new one goes last: the corpus' first letters count from 'a'.
constexpr std::array parsers{parse_meta_data,
                             parse_azure_instance,
                             parse_digitalocean_metadata,
                             parse_gce,
                             parse_hetzner_keys,
                             parse_scaleway_conf,
                             parse_ec2,
                             parse_vultr_metadata,
                             parse_oracle_instance,
                             parse_password,
                             parse_akamai_instance,
                             parse_akamai_keys,
                             parse_ovf_environment};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t which = (data[0] - std::size_t{'a'}) % parsers.size();
  const auto findings = parsers[which](fuzz::text_of(data + 1, size - 1));
  if (findings) fuzz::require_usable(*findings);
  if (!findings) fuzz::require(!findings.error().empty());
  return 0;
}
