#include "init/source/scaleway_service.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "init/source/json.hpp"

namespace lifeboat::init {
namespace {

/// A tag cannot hold blanks: '_' stands for them.
void add_tagged_keys(const Json& document, Findings& findings) {
  constexpr std::string_view mark = "AUTHORIZED_KEY=";
  const Json& tags = member(document, "tags");
  if (!tags.is_array()) return;
  for (const Json& tag : tags) {
    std::string text = text_of(tag);
    if (!text.starts_with(mark)) continue;
    text.erase(0, mark.size());
    std::ranges::replace(text, '_', ' ');
    add_key_lines(text, findings);
  }
}

void read_conf(Json& document, Findings& findings) {
  add_keys_at(document, "ssh_public_keys/*/key", findings);
  add_tagged_keys(document, findings);
  findings.hostname = text_of(member(document, "hostname"));
}

Result<Findings> read_scaleway(HttpClient& http, const char* address) {
  auto document = http.get({.address = address, .path = "/conf?format=json", .from_privileged_port = true});
  if (!document) return document.failure();
  return parse_scaleway_conf(document->view());
}

}  // namespace

Belonging is_scaleway(const Platform& platform) {
  const bool known =
      platform.sys_vendor == "Scaleway" || platform.kernel_command_line.find("scaleway") != std::string::npos;
  return known ? Belonging::yes : Belonging::no;
}

Result<Findings> parse_scaleway_conf(std::string_view json) { return read_json_object(json, "conf", read_conf); }

Result<Findings> read_scaleway_ipv4(HttpClient& http) { return read_scaleway(http, "169.254.42.42"); }

Result<Findings> read_scaleway_ipv6(HttpClient& http) { return read_scaleway(http, "fd00:42::42"); }

}  // namespace lifeboat::init
