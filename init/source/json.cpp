#include "init/source/json.hpp"

#include <exception>
#include <nlohmann/json.hpp>
#include <vector>

#include "init/sys/secret.hpp"

namespace lifeboat::init {
namespace {

constexpr int deepest = 4;

void note_left_out(std::string_view where, Findings& findings) {
  add_note(std::string(where) + ": what is no text is left out", findings);
}

void add_keys(const Json& value, std::string_view where, Findings& findings, int depth) {
  if (value.is_string()) return add_key_lines(value.get_ref<const std::string&>(), findings);
  if (value.is_null()) return;
  if (!value.is_structured() || depth == deepest) return note_left_out(where, findings);
  for (const Json& part : value) add_keys(part, where, findings, depth + 1);
}

/// `rest`: of the path.
void walk(const Json& value, std::string_view rest, std::string_view path, Findings& findings) {
  if (rest.empty()) return add_keys(value, path, findings, 0);
  if (value.is_null()) return;
  const std::string name(rest.substr(0, rest.find('/')));
  rest.remove_prefix(std::min(name.size() + 1, rest.size()));
  const bool fits = name == "*" ? value.is_structured() : value.is_object();
  if (!fits) return note_left_out(path, findings);
  if (name != "*") return walk(member(value, name.c_str()), rest, path, findings);
  for (const Json& part : value) walk(part, rest, path, findings);
}

}  // namespace

const Json& member(const Json& value, const char* name) {
  static const Json none;
  const auto found = value.find(name);
  return found == value.end() ? none : *found;
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }

void add_keys(const Json& value, std::string_view where, Findings& findings) { add_keys(value, where, findings, 0); }

void add_keys_at(const Json& value, std::string_view path, Findings& findings) { walk(value, path, path, findings); }

std::string json_quoted(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Without recursion: JSON may nest deeper than the stack.
void wipe(Json& document) {
  for (std::vector<Json*> left{&document}; !left.empty();) {
    Json& value = *left.back();
    left.pop_back();
    if (value.is_string()) Secret::wipe(value.get_ref<std::string&>());
    if (!value.is_structured()) continue;
    for (Json& part : value) left.push_back(&part);
  }
}

Result<Findings> read_json_object(std::string_view text, const std::string& document,
                                  void (*read)(Json& object, Findings& findings)) {
  try {
    Json object = Json::parse(text, nullptr, false);
    if (object.is_discarded()) return Failure{document + ": not valid JSON"};
    if (!object.is_object()) return Failure{document + ": not a JSON object"};
    Findings findings;
    read(object, findings);
    wipe(object);
    return findings;
  } catch (const std::exception& error) {
    return Failure{document + ": " + error.what()};
  }
}

}  // namespace lifeboat::init
