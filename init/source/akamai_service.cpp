#include "init/source/akamai_service.hpp"

#include <nlohmann/json.hpp>

#include "init/contract/text.hpp"
#include "init/source/json.hpp"

namespace lifeboat::init {
namespace {

Result<Findings> read_akamai(HttpClient& http, const char* address) {
  auto token = http.get({.method = "PUT",
                         .address = address,
                         .path = "/v1/token",
                         .headers = {{"Metadata-Token-Expiry-Seconds", "300"}}});
  if (!token) return token.failure();
  const std::string value(contract::trim(token->view()));
  if (!is_header_value(value)) return Failure{"the metadata service's token is none"};
  const HttpHeaders headers{{"Metadata-Token", value}, {"Accept", "application/json"}};
  auto keys = http.get(address, "/v1/ssh-keys", headers);
  if (!keys) return keys.failure();
  auto findings = parse_akamai_keys(keys->view());
  auto instance = http.get_optional(address, "/v1/instance", headers);
  auto about = instance ? parse_akamai_instance(instance->view()) : Result<Findings>(instance.failure());
  if (findings && about) add_findings(std::move(*about), *findings);
  return findings;
}

}  // namespace

Belonging is_akamai(const Platform& platform) {
  return platform.sys_vendor == "Linode" || platform.sys_vendor == "Akamai" ? Belonging::yes : Belonging::no;
}

Result<Findings> parse_akamai_keys(std::string_view json) {
  return read_json_object(json, "ssh-keys",
                          [](Json& document, Findings& findings) { add_keys_at(document, "users/*", findings); });
}

Result<Findings> parse_akamai_instance(std::string_view json) {
  return read_json_object(json, "instance", [](Json& document, Findings& findings) {
    findings.hostname = text_of(member(document, "label"));
  });
}

Result<Findings> read_akamai_ipv4(HttpClient& http) { return read_akamai(http, metadata_ipv4); }

Result<Findings> read_akamai_ipv6(HttpClient& http) { return read_akamai(http, "fd00:a9fe:a9fe::1"); }

}  // namespace lifeboat::init
