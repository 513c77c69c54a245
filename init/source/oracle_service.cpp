#include "init/source/oracle_service.hpp"

#include <nlohmann/json.hpp>

#include "init/source/json.hpp"

namespace lifeboat::init {
namespace {

/// Version 1 where there is no 2; version 2 wants to see that whoever asks can set headers.
Result<Findings> read_oracle(HttpClient& http, const char* address) {
  auto document = http.get_optional(address, "/opc/v2/instance/", {{"Authorization", "Bearer Oracle"}});
  if (document && document->empty()) document = http.get(address, "/opc/v1/instance/");
  if (!document) return document.failure();
  return parse_oracle_instance(document->view());
}

}  // namespace

Belonging is_oracle(const Platform& platform) {
  return platform.chassis_asset_tag == "OracleCloud.com" ? Belonging::yes : Belonging::no;
}

Result<Findings> parse_oracle_instance(std::string_view json) {
  return read_json_object(json, "instance", [](Json& document, Findings& findings) {
    add_keys_at(document, "metadata/ssh_authorized_keys", findings);
    findings.hostname = text_of(member(document, "hostname"));
  });
}

Result<Findings> read_oracle_ipv4(HttpClient& http) { return read_oracle(http, metadata_ipv4); }

Result<Findings> read_oracle_ipv6(HttpClient& http) { return read_oracle(http, "fd00:c1::a9fe:a9fe"); }

}  // namespace lifeboat::init
