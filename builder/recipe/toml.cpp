// The only file that includes toml++, which costs seconds to compile.
#include "builder/recipe/toml.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <tuple>

namespace lifeboat {
namespace {

using Kind = TomlValue::Kind;

Place place_of(const toml::source_region& region) {
  Place place{.line = region.begin.line, .column = region.begin.column};
  if (region.end.line == region.begin.line && region.end.column > region.begin.column)
    place.width = region.end.column - region.begin.column;
  return place;
}

Kind kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return Kind::table;
    case toml::node_type::array:
      return Kind::list;
    case toml::node_type::string:
      return Kind::string;
    case toml::node_type::integer:
      return Kind::integer;
    case toml::node_type::floating_point:
      return Kind::number;
    case toml::node_type::boolean:
      return Kind::boolean;
    default:
      return Kind::date;
  }
}

TomlValue convert(const toml::node& node) {
  TomlValue value;
  value.kind = kind_of(node);
  value.place = place_of(node.source());
  if (const auto* text = node.as_string()) value.text = text->get();
  if (const auto* integer = node.as_integer()) value.integer = integer->get();
  if (const auto* list = node.as_array())
    for (const toml::node& item : *list) value.items.push_back(convert(item));
  if (const auto* table = node.as_table())
    for (const auto& [key, member] : *table)
      value.members.push_back({std::string(key.str()), place_of(key.source()), convert(member)});
  // toml++ keeps tables sorted by key; people read files from the top.
  std::sort(value.members.begin(), value.members.end(), [](const TomlMember& a, const TomlMember& b) {
    return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
  });
  return value;
}

}  // namespace

std::variant<TomlValue, TomlSyntaxError> parse_toml(std::string_view text) {
  try {
    return convert(toml::parse(text));
  } catch (const toml::parse_error& error) {
    const toml::source_position at = error.source().begin;
    return TomlSyntaxError{{.line = at.line, .column = at.column}, std::string(error.description())};
  }
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::string:
      return "a string";
    case Kind::integer:
      return "a whole number";
    case Kind::boolean:
      return "true or false";
    case Kind::number:
      return "a number with a fraction";
    case Kind::date:
      return "a date or time";
    case Kind::list:
      return "a list";
    case Kind::table:
      return "a table";
  }
  return "something else";
}

}  // namespace lifeboat
