#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "builder/recipe/fault.hpp"

namespace lifeboat {

struct TomlMember;

/// A TOML value that remembers where it stands.
struct TomlValue {
  enum class Kind { string, integer, boolean, number, date, list, table };

  Kind kind = Kind::table;
  Place place;
  std::string text;                 ///< of a string
  std::int64_t integer = 0;         ///< of an integer
  std::vector<TomlValue> items;     ///< of a list
  std::vector<TomlMember> members;  ///< of a table, in the order of the file
};

struct TomlMember {
  std::string key;
  Place place;  ///< of the key
  TomlValue value;
};

struct TomlSyntaxError {
  Place place;
  std::string what;
};

/// The file's root table, or the first thing that is not TOML.
std::variant<TomlValue, TomlSyntaxError> parse_toml(std::string_view text);

/// "a string", "a list", ...
std::string_view kind_name(TomlValue::Kind kind);

}  // namespace lifeboat
