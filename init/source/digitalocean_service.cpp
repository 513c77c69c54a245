#include "init/source/digitalocean_service.hpp"

#include <nlohmann/json.hpp>

#include "init/source/json.hpp"

namespace lifeboat::init {

Belonging is_digitalocean(const Platform& platform) {
  return platform.sys_vendor == "DigitalOcean" ? Belonging::yes : Belonging::no;
}

Result<Findings> parse_digitalocean_metadata(std::string_view json) {
  return read_json_object(json, "v1.json", [](Json& document, Findings& findings) {
    add_keys_at(document, "public_keys", findings);
    findings.hostname = text_of(member(document, "hostname"));
  });
}

Result<Findings> read_digitalocean(HttpClient& http) {
  auto document = http.get(metadata_ipv4, "/metadata/v1.json");
  if (!document) return document.failure();
  return parse_digitalocean_metadata(document->view());
}

}  // namespace lifeboat::init
