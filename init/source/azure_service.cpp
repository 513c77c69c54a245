#include "init/source/azure_service.hpp"

#include <nlohmann/json.hpp>

#include "init/source/json.hpp"

namespace lifeboat::init {
namespace {

/// 404 and 410: it is not ready yet.
HttpRequest request_of(const std::string& version) {
  return {.address = metadata_ipv4,
          .path = "/metadata/instance?api-version=" + version,
          .headers = {{"Metadata", "true"}},
          .passing_statuses = {404, 410}};
}

void read_instance(Json& document, Findings& findings) {
  const Json& compute = member(document, "compute");
  add_keys_at(document, "compute/publicKeys/*/keyData", findings);
  findings.hostname = text_of(member(member(compute, "osProfile"), "computerName"));
  if (findings.hostname.empty()) findings.hostname = text_of(member(compute, "name"));
}

}  // namespace

Belonging is_azure(const Platform& platform) {
  return platform.chassis_asset_tag == "7783-7084-3265-9085-8269-3286-77" ? Belonging::yes : Belonging::no;
}

Result<Findings> parse_azure_instance(std::string_view json) {
  return read_json_object(json, "instance", read_instance);
}

/// 400: it is older than this version of its interface.
Result<Findings> read_azure(HttpClient& http) {
  auto reply = http.request_patiently(request_of("2021-08-01"));
  if (reply && reply->status == 400) reply = http.request_patiently(request_of("2019-06-01"));
  if (!reply) return reply.failure();
  if (reply->status != 200) return Failure{"/metadata/instance: status " + std::to_string(reply->status)};
  return parse_azure_instance(reply->body.view());
}

}  // namespace lifeboat::init
