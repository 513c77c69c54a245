#include "init/source/meta_data.hpp"

#include <exception>
#include <nlohmann/json.hpp>

#include "init/contract/base64.hpp"
#include "init/source/json_values.hpp"
#include "init/source/yaml.hpp"

namespace lifeboat::init {
namespace {

using Json = nlohmann::json;

void read_password(Json& document, Findings& findings) {
  const auto entry = document.find("admin_pass");
  if (entry == document.end() || entry->is_null()) return;
  if (!entry->is_string()) return add_note("admin_pass is not used: it is not a text", findings);
  take_password(std::move(entry->get_ref<std::string&>()), "admin_pass", findings);
}

/// keys: [{"name", "type", "data"}]; type x509 is for Windows.
void read_typed_keys(const Json& document, Findings& findings) {
  for (const Json& key : list_at(document, "keys")) {
    const std::string type = text_at(key, "type");
    if (type.empty() || type == "ssh") add_keys(value_at(key, "data"), "keys", findings);
  }
}

Result<Findings> read_document(std::string_view json) {
  Json document = Json::parse(json, nullptr, false);
  if (document.is_discarded()) return Failure{"meta_data.json: not valid JSON"};
  if (!document.is_object()) return Failure{"meta_data.json: not a JSON object"};
  Findings findings;
  read_password(document, findings);
  add_keys(value_at(document, "public_keys"), "public_keys", findings);
  read_typed_keys(document, findings);
  findings.hostname = text_at(document, "hostname");
  if (findings.hostname.empty()) findings.hostname = text_at(document, "name");
  findings.random_seed = contract::decode_base64(text_at(document, "random_seed")).value_or("");
  wipe(document);
  return findings;
}

}  // namespace

Result<Findings> parse_meta_data(std::string_view json) {
  try {
    return read_document(json);
  } catch (const std::exception& error) {
    return Failure{std::string("meta_data.json: ") + error.what()};
  }
}

}  // namespace lifeboat::init
