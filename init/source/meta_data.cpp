#include "init/source/meta_data.hpp"

#include <exception>
#include <nlohmann/json.hpp>

#include "init/contract/text.hpp"

namespace lifeboat::init {
namespace {

using Json = nlohmann::json;

constexpr int deepest = 4;

void read_password(Json& document, Findings& findings) {
  const auto entry = document.find("admin_pass");
  if (entry == document.end() || entry->is_null()) return;
  if (!entry->is_string()) {
    findings.notes.emplace_back("admin_pass is not used: it is not a text");
    return;
  }
  take_password(std::move(entry->get_ref<std::string&>()), "admin_pass", findings);
}

/// A text, or a list or an object of them, in one another: clouds differ.
void add_keys(const Json& value, const std::string& where, Findings& findings, int depth = 0) {
  if (value.is_string()) return add_key_lines(value.get_ref<const std::string&>(), findings);
  if (value.is_null()) return;
  if (!value.is_structured() || depth == deepest) {
    findings.notes.push_back(where + ": what is no text is left out");
    return;
  }
  for (const Json& part : value) add_keys(part, where, findings, depth + 1);
}

/// keys: [{"name", "type", "data"}]; type x509 is for Windows.
void read_typed_keys(const Json& document, Findings& findings) {
  const auto list = document.find("keys");
  if (list == document.end() || !list->is_array()) return;
  for (const Json& key : *list) {
    if (!key.is_object() || key.value("type", Json("ssh")) != "ssh") continue;
    if (const auto data = key.find("data"); data != key.end()) add_keys(*data, "keys", findings);
  }
}

std::string text_at(const Json& document, const char* name) {
  const auto entry = document.find(name);
  return entry != document.end() && entry->is_string() ? entry->get<std::string>() : std::string();
}

Result<Findings> read_document(std::string_view json) {
  Json document = Json::parse(json, nullptr, false);
  if (document.is_discarded()) return Failure{"meta_data.json: not valid JSON"};
  if (!document.is_object()) return Failure{"meta_data.json: not a JSON object"};
  Findings findings;
  read_password(document, findings);
  if (const auto keys = document.find("public_keys"); keys != document.end()) add_keys(*keys, "public_keys", findings);
  read_typed_keys(document, findings);
  findings.hostname = text_at(document, "hostname");
  if (findings.hostname.empty()) findings.hostname = text_at(document, "name");
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
