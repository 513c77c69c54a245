#include "init/source/json_values.hpp"

#include <nlohmann/json.hpp>

namespace lifeboat::init {
namespace {

using Json = nlohmann::json;

constexpr int deepest = 4;

void add_keys_at(const Json& value, const std::string& where, Findings& findings, int depth) {
  if (value.is_string()) return add_key_lines(value.get_ref<const std::string&>(), findings);
  if (value.is_null()) return;
  if (!value.is_structured() || depth == deepest) return add_note(where + ": what is no text is left out", findings);
  for (const Json& part : value) add_keys_at(part, where, findings, depth + 1);
}

}  // namespace

const Json& value_at(const Json& object, const char* name) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto entry = object.find(name);
  return entry == object.end() ? nothing : *entry;
}

const Json& list_at(const Json& object, const char* name) {
  static const Json empty = Json::array();
  const Json& value = value_at(object, name);
  return value.is_array() ? value : empty;
}

std::string text_at(const Json& object, const char* name) {
  const Json& value = value_at(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::string json_quoted(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

void add_keys(const Json& value, const std::string& where, Findings& findings) {
  add_keys_at(value, where, findings, 0);
}

}  // namespace lifeboat::init
