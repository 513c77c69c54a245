#include "init/source/vultr_service.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "init/contract/text.hpp"
#include "init/source/cloud_config.hpp"
#include "init/source/json.hpp"

namespace lifeboat::init {
namespace {

void read_metadata(Json& document, Findings& findings) {
  add_keys_at(document, "public-keys", findings);
  findings.hostname = text_of(member(document, "hostname"));
  const Json& vendor_data = member(document, "vendor-data");
  if (vendor_data.is_string()) read_cloud_config(vendor_data.get_ref<const std::string&>(), findings);
}

}  // namespace

Belonging is_vultr(const Platform& platform) {
  const auto words = contract::split_words(platform.kernel_command_line, " \t\n");
  const bool known = platform.sys_vendor == "Vultr" || std::ranges::find(words, "vultr") != words.end();
  return known ? Belonging::yes : Belonging::no;
}

Result<Findings> parse_vultr_metadata(std::string_view json) {
  return read_json_object(json, "v1.json", read_metadata);
}

Result<Findings> read_vultr(HttpClient& http) {
  auto document = http.get(metadata_ipv4, "/v1.json", {{"Metadata-Token", "cloudinit"}});
  if (!document) return document.failure();
  return parse_vultr_metadata(document->view());
}

}  // namespace lifeboat::init
