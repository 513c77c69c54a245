#include "init/source/meta_data.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "init/contract/base64.hpp"
#include "init/source/json.hpp"

namespace lifeboat::init {
namespace {

void read_password(Json& document, Findings& findings) {
  const auto entry = document.find("admin_pass");
  if (entry == document.end() || entry->is_null()) return;
  if (!entry->is_string()) return add_note("admin_pass is not used: it is not a text", findings);
  take_password(std::move(entry->get_ref<std::string&>()), "admin_pass", findings);
}

/// keys: [{"name", "type", "data"}]; type x509 is for Windows.
void read_typed_keys(const Json& document, Findings& findings) {
  const Json& list = member(document, "keys");
  if (!list.is_array()) return;
  for (const Json& key : list) {
    const Json& type = member(key, "type");
    if (type.is_null() || type == "ssh") add_keys(member(key, "data"), "keys", findings);
  }
}

/// Nova's is base64 of 512 bytes.
void read_random_seed(const Json& document, Findings& findings) {
  const std::string text = text_of(member(document, "random_seed"));
  auto seed = contract::decode_base64(text);
  if (!seed) return add_note("random_seed is not used: its base64 is broken", findings);
  findings.random_seed = std::move(*seed);
}

/// network_config: {"name": "network_config", "content_path": "/content/0000"}. It becomes a part of a path, or of a
/// request.
void read_network_file(const Json& document, Findings& findings) {
  const std::string path = text_of(member(member(document, "network_config"), "content_path"));
  if (path.empty()) return;
  const bool good = path.starts_with("/content/") && path.size() <= 100 && path.find("..") == std::string::npos &&
                    std::ranges::all_of(path, [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                             std::string_view("/._-").find(c) != std::string_view::npos;
                    });
  if (!good) return add_note("network_config is not used: its content_path is none", findings);
  findings.network_file = "openstack" + path;
}

void read_document(Json& document, Findings& findings) {
  read_password(document, findings);
  add_keys_at(document, "public_keys", findings);
  read_typed_keys(document, findings);
  read_random_seed(document, findings);
  read_network_file(document, findings);
  findings.hostname = text_of(member(document, "hostname"));
  if (findings.hostname.empty()) findings.hostname = text_of(member(document, "name"));
}

}  // namespace

Result<Findings> parse_meta_data(std::string_view json) {
  return read_json_object(json, "meta_data.json", read_document);
}

}  // namespace lifeboat::init
