#pragma once
// Values of a recipe or lock, read with their faults: what the rows of a key table are made of.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "builder/recipe/checks.hpp"
#include "builder/recipe/fault.hpp"
#include "builder/recipe/recipe.hpp"
#include "builder/recipe/toml.hpp"

namespace lifeboat {

/// A place in one of the files.
struct Location {
  std::shared_ptr<const Source> source;
  Place place;
};

/// What reading keys needs beside what it fills.
struct Reading {
  const RecipeVocabulary& vocabulary;
  std::vector<Fault>& faults;
  std::string (*elsewhere)(std::string_view key) = nullptr;  ///< a hint for a key that belongs to another table, or ""
  std::shared_ptr<const Source> source = {};                 ///< the file that is being read
  std::map<std::string, Location> locations = {};  ///< key ("kernel.groups") or item ("kernel.groups:storage") -> where

  void fault(const Place& place, std::string what, std::string hint = {});
};

/// The key a value belongs to, as messages and the location map name it.
struct KeyPath {
  std::string path;     ///< "kernel.groups"
  std::string name;     ///< "groups"
  std::string example;  ///< a good value as TOML

  KeyPath operator/(const std::string& member) const { return {path + "." + member, member, {}}; }
};

/// Reports a value of another kind.
bool is_kind(const TomlValue& value, TomlValue::Kind kind, const KeyPath& key, Reading& reading);

/// Nothing where a fault was reported.
std::optional<std::string> read_text(const TomlValue& value, const KeyPath& key, Check check, Reading& reading);

/// The good items; the others, empty ones and those listed twice are reported. An empty list is a fault.
std::vector<std::string> read_list(const TomlValue& value, const KeyPath& key, Check check, Reading& reading);

std::optional<std::int64_t> read_number(const TomlValue& value, const KeyPath& key, std::int64_t least,
                                        std::int64_t most, Reading& reading);

/// The members of a table whose keys are free names; each key is checked.
std::vector<const TomlMember*> read_members(const TomlValue& value, const KeyPath& key, Reading& reading);

/// Appends the items that `list` has not yet.
void append_new(std::vector<std::string>& list, const std::vector<std::string>& items);

}  // namespace lifeboat
