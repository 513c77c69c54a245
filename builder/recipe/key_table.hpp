#pragma once
// A file format as tables: one row per key, with the function that reads it. Recipes and locks are read by these.
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "builder/base/text.hpp"
#include "builder/recipe/values.hpp"

namespace lifeboat {

/// A row of a table. `read` puts a value of the right kind into its owner and reports everything else.
template <class Owner>
struct Key {
  std::string_view name;
  bool required;
  std::string_view example;
  std::string_view meaning;
  void (*read)(Owner& owner, const TomlValue& value, const KeyPath& key, Reading& reading);
};

template <auto Member, Check check, class Owner>
void text(Owner& owner, const TomlValue& value, const KeyPath& key, Reading& reading) {
  if (auto read = read_text(value, key, check, reading)) owner.*Member = *read;
}

template <auto Member, Check check, class Owner>
void list(Owner& owner, const TomlValue& value, const KeyPath& key, Reading& reading) {
  append_new(owner.*Member, read_list(value, key, check, reading));
}

template <auto Member, std::int64_t least, std::int64_t most, class Owner>
void number(Owner& owner, const TomlValue& value, const KeyPath& key, Reading& reading) {
  using Number = std::remove_reference_t<decltype(owner.*Member)>;
  if (auto read = read_number(value, key, least, most, reading)) owner.*Member = static_cast<Number>(*read);
}

template <class Owner>
std::vector<std::string> names_of(std::span<const Key<Owner>> rows) {
  std::vector<std::string> names;
  for (const Key<Owner>& row : rows) names.emplace_back(row.name);
  return names;
}

template <class Owner>
void unknown_key(const TomlMember& member, std::span<const Key<Owner>> rows, Reading& reading) {
  const std::vector<std::string> names = names_of(rows);
  std::string hint = reading.elsewhere == nullptr ? std::string() : reading.elsewhere(member.key);
  if (const std::string near = did_you_mean(member.key, names); hint.empty() && !near.empty())
    hint = "did you mean `" + near + "`?";
  if (hint.empty()) hint = "the keys here are: " + join(names, ", ");
  reading.fault(member.place, "unknown key `" + member.key + "`", hint);
}

/// Every key of `table` by its row; `path` comes before the names in messages: "kernel.".
template <class Owner>
void read_table(Owner& owner, const TomlValue& table, const std::string& path, std::span<const Key<Owner>> rows,
                Reading& reading) {
  for (const TomlMember& member : table.members) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.name == member.key; });
    if (row == rows.end()) {
      unknown_key(member, rows, reading);
      continue;
    }
    const KeyPath key{path + std::string(row->name), std::string(row->name), std::string(row->example)};
    reading.locations[key.path] = {reading.source, member.place};
    row->read(owner, member.value, key, reading);
  }
}

/// A fault at the table for each required key that it lacks.
template <class Owner>
void missing_keys(const TomlValue& table, std::span<const Key<Owner>> rows, Reading& reading) {
  for (const Key<Owner>& row : rows) {
    const auto same = [&](const TomlMember& member) { return member.key == row.name; };
    if (row.required && std::none_of(table.members.begin(), table.members.end(), same))
      reading.fault(table.place, "the key `" + std::string(row.name) + "` is missing",
                    "for example: " + std::string(row.name) + " = " + std::string(row.example));
  }
}

}  // namespace lifeboat
