#include "builder/recipe/values.hpp"

#include <algorithm>

namespace lifeboat {
namespace {

using Kind = TomlValue::Kind;

std::string example_hint(const KeyPath& key) {
  if (key.example.empty()) return {};
  return "for example: " + (key.example.starts_with("[[") || key.example == "[" + key.name + "]"
                                ? key.example
                                : key.name + " = " + key.example);
}

std::optional<std::string> read_item(const TomlValue& item, const KeyPath& key, Check check, Reading& reading) {
  if (item.kind != Kind::string) {
    reading.fault(item.place,
                  "`" + key.path + "` must be a list of strings, and this is " + std::string(kind_name(item.kind)),
                  example_hint(key));
    return {};
  }
  return read_text(item, key, check, reading);
}

}  // namespace

void Reading::fault(const Place& place, std::string what, std::string hint) {
  faults.push_back({source, place, std::move(what), std::move(hint)});
}

bool is_kind(const TomlValue& value, Kind kind, const KeyPath& key, Reading& reading) {
  if (value.kind == kind) return true;
  reading.fault(
      value.place,
      "`" + key.path + "` must be " + std::string(kind_name(kind)) + ", not " + std::string(kind_name(value.kind)),
      example_hint(key));
  return false;
}

std::optional<std::string> read_text(const TomlValue& value, const KeyPath& key, Check check, Reading& reading) {
  if (!is_kind(value, Kind::string, key, reading)) return {};
  std::optional<Complaint> complaint;
  if (value.text.empty()) {
    complaint = {"`" + key.path + "` is empty", example_hint(key)};
  } else {
    complaint = check(value.text, reading.vocabulary);
  }
  if (!complaint) return value.text;
  reading.fault(value.place, complaint->what, complaint->hint);
  return {};
}

std::vector<std::string> read_list(const TomlValue& value, const KeyPath& key, Check check, Reading& reading) {
  if (!is_kind(value, Kind::list, key, reading)) return {};
  if (value.items.empty()) reading.fault(value.place, "`" + key.path + "` is empty", example_hint(key));
  std::vector<std::string> read;
  std::map<std::string, Place> seen;
  for (const TomlValue& item : value.items) {
    const std::optional<std::string> text = read_item(item, key, check, reading);
    if (!text) continue;
    if (const auto [first, fresh] = seen.emplace(*text, item.place); !fresh) {
      reading.fault(item.place, "`" + *text + "` is in this list twice",
                    "the first is in line " + std::to_string(first->second.line));
      continue;
    }
    reading.locations[key.path + ":" + *text] = {reading.source, item.place};
    read.push_back(*text);
  }
  return read;
}

std::optional<std::int64_t> read_number(const TomlValue& value, const KeyPath& key, std::int64_t least,
                                        std::int64_t most, Reading& reading) {
  if (!is_kind(value, Kind::integer, key, reading)) return {};
  if (value.integer >= least && value.integer <= most) return value.integer;
  reading.fault(value.place,
                "`" + key.path + "` goes from " + std::to_string(least) + " to " + std::to_string(most) + ", not " +
                    std::to_string(value.integer),
                example_hint(key));
  return {};
}

std::vector<const TomlMember*> read_members(const TomlValue& value, const KeyPath& key, Reading& reading) {
  if (!is_kind(value, Kind::table, key, reading)) return {};
  std::vector<const TomlMember*> members;
  for (const TomlMember& member : value.members) {
    if (const auto complaint = check_name(member.key, reading.vocabulary)) {
      reading.fault(member.place, complaint->what, complaint->hint);
    } else {
      members.push_back(&member);
    }
  }
  return members;
}

void append_new(std::vector<std::string>& list, const std::vector<std::string>& items) {
  for (const std::string& item : items)
    if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

}  // namespace lifeboat
