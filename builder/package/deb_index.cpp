// A Debian `Packages` file -> packages. Speed matters: 64,000 stanzas, 45 MB; so fields stay views into the text until
// a package is kept.
#include "builder/package/deb_index.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "builder/base/error.hpp"
#include "builder/base/interrupt.hpp"
#include "builder/base/text.hpp"
#include "builder/package/deb_syntax.hpp"

namespace lifeboat {
namespace {

constexpr std::size_t largest_stanza = 1024 * 1024;  // bytes; Debian's largest is some 20 KiB

/// An outside value as errors show it.
std::string shown(std::string_view value) { return "`" + printable(value.substr(0, 200)) + "`"; }

std::uint64_t parse_number(std::string_view value) {
  std::uint64_t number = 0;
  const char* const end = value.data() + value.size();
  const auto [at, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || at != end) throw Error(shown(value) + " is not a number of this size");
  return number;
}

/// Below the mirror's root, whatever the index says. A flat repository writes "./a.deb".
std::string parse_path(std::string_view value) {
  if (value.starts_with("./")) value.remove_prefix(2);
  if (!is_deb_path(value)) throw Error(shown(value) + " is not a path of printable ASCII below the mirror");
  return std::string(value);
}

bool parse_yes_or_no(std::string_view value) {
  if (value != "yes" && value != "no") throw Error(shown(value) + " is neither `yes` nor `no`");
  return value == "yes";
}

std::string parse_word(std::string_view value) {
  if (!is_deb_name(value)) throw Error(shown(value) + " is not one word");
  return std::string(value);
}

std::string parse_name(std::string_view value) {
  if (!is_deb_name(value)) throw Error(shown(value) + " is not a package name");
  return std::string(value);
}

std::string parse_version(std::string_view value) {
  if (!is_deb_version(value)) throw Error(shown(value) + " is not a version");
  return std::string(value);
}

Sha256 parse_sha256(std::string_view value) {
  if (!is_sha256(value)) throw Error(shown(value) + " is not 64 lower-case hexadecimal digits");
  return Sha256(value);
}

std::uint64_t parse_kibibytes(std::string_view value) {
  const std::uint64_t number = parse_number(value);
  if (number > UINT64_MAX / 1024) throw Error(shown(value) + " is not a number of this size");
  return number * 1024;
}

/// "name" or "name (version)".
void set_source(Package& package, std::string_view value) {
  const std::size_t space = value.find(' ');
  package.source = parse_name(value.substr(0, space));
  if (space == std::string_view::npos) return;
  const std::string_view version = trim(value.substr(space));
  if (!version.starts_with('(') || !version.ends_with(')')) throw Error(shown(value) + " is not `name (version)`");
  package.source_version = parse_version(version.substr(1, version.size() - 2));
}

struct Field {
  std::string_view name;
  bool required;
  void (*set)(Package&, std::string_view value);
};

constexpr std::size_t package_field = 0, architecture_field = 1;
constexpr std::array<Field, 16> fields = {{
    {"Package", true, [](Package& p, std::string_view v) { p.name = parse_name(v); }},
    {"Architecture", true, [](Package& p, std::string_view v) { p.architecture = parse_word(v); }},
    {"Version", true, [](Package& p, std::string_view v) { p.version = parse_version(v); }},
    {"Filename", true, [](Package& p, std::string_view v) { p.path = parse_path(v); }},
    {"Size", true, [](Package& p, std::string_view v) { p.size = parse_number(v); }},
    {"SHA256", true, [](Package& p, std::string_view v) { p.sha256 = parse_sha256(v); }},
    {"Source", false, set_source},
    {"Installed-Size", false, [](Package& p, std::string_view v) { p.installed_size = parse_kibibytes(v); }},
    {"Priority", false, [](Package& p, std::string_view v) { p.priority = parse_word(v); }},
    {"Essential", false, [](Package& p, std::string_view v) { p.essential = parse_yes_or_no(v); }},
    {"Multi-Arch", false, [](Package& p, std::string_view v) { p.multi_arch = parse_word(v); }},
    {"Pre-Depends", false, [](Package& p, std::string_view v) { p.pre_depends = parse_deb_depends(v); }},
    {"Depends", false, [](Package& p, std::string_view v) { p.depends = parse_deb_depends(v); }},
    {"Conflicts", false, [](Package& p, std::string_view v) { p.conflicts = parse_deb_relations(v); }},
    {"Breaks", false, [](Package& p, std::string_view v) { p.breaks = parse_deb_relations(v); }},
    {"Provides", false, [](Package& p, std::string_view v) { p.provides = parse_deb_relations(v); }},
}};

/// One value per row of `fields`; data() is null where the stanza has no such field.
using Values = std::array<std::string_view, fields.size()>;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_field_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

/// Cuts the first line off, with the continuation lines (those that start with a blank) that belong to it.
std::string_view take_field(std::string_view& stanza) {
  std::size_t end = stanza.find('\n');
  while (end != std::string_view::npos && end + 1 < stanza.size() &&
         (stanza[end + 1] == ' ' || stanza[end + 1] == '\t'))
    end = stanza.find('\n', end + 1);
  const std::string_view field = stanza.substr(0, end);
  stanza.remove_prefix(end == std::string_view::npos ? stanza.size() : end + 1);
  return field;
}

void note_value(Values& values, std::string_view name, std::string_view value) {
  for (std::size_t row = 0; row < fields.size(); ++row) {
    if (!same_field_name(name, fields[row].name)) continue;
    if (values[row].data() != nullptr) throw Error("the field `" + std::string(fields[row].name) + "` is there twice");
    values[row] = value.empty() ? std::string_view("") : value;  // there, though empty
    return;
  }
}

void read_fields(std::string_view stanza, Values& values) {
  while (!stanza.empty()) {
    const std::string_view field = take_field(stanza);
    const std::size_t colon = field.find(':');
    if (colon == 0 || colon == std::string_view::npos || field.find_first_of(" \t\n") < colon)
      throw Error(shown(field) + " is not a line `Field: value`");
    note_value(values, field.substr(0, colon), trim(field.substr(colon + 1)));
  }
}

void fill_package(Package& package, const Values& values) {
  for (std::size_t row = 0; row < fields.size(); ++row) {
    const Field& field = fields[row];
    if (values[row].data() == nullptr) {
      if (field.required) throw Error("the field `" + std::string(field.name) + "` is missing");
      continue;
    }
    try {
      field.set(package, values[row]);
    } catch (const Error& error) {
      throw Error("field `" + std::string(field.name) + "`: " + error.what());
    }
  }
}

std::string_view take_stanza(std::string_view& text) {
  const std::size_t end = text.find("\n\n");
  const std::string_view stanza = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  return stanza;
}

/// Adds the stanza's package when it is one for `architecture`.
void read_stanza(std::string_view stanza, std::string_view architecture, Values& values,
                 std::vector<Package>& packages) {
  if (stanza.size() > largest_stanza) throw Error("it is larger than " + format_size(largest_stanza));
  read_fields(stanza, values);
  const std::string_view of = values[architecture_field];
  if (of.data() != nullptr && of != architecture && of != "all") return;
  Package package;
  fill_package(package, values);
  packages.push_back(std::move(package));
}

std::string stanza_name(std::size_t number, const Values& values) {
  const std::string_view package = values[package_field];
  return "stanza " + std::to_string(number) + (package.empty() ? "" : " (" + shown(package) + ")");
}

}  // namespace

std::vector<Package> parse_deb_index(std::string_view text, std::string_view architecture, std::string_view repository,
                                     std::string_view origin) {
  std::vector<Package> packages;
  for (std::size_t number = 1; !text.empty(); ++number) {
    while (text.starts_with('\n')) text.remove_prefix(1);
    if (text.empty()) break;
    throw_if_interrupted();
    const std::string_view stanza = take_stanza(text);
    Values values;
    try {
      read_stanza(stanza, architecture, values, packages);
    } catch (const Interrupted&) {
      throw;
    } catch (const Error& error) {
      throw Error("reading " + std::string(origin) + ": " + stanza_name(number, values) + ": " + error.what(),
                  error.hint());
    }
  }
  for (Package& package : packages) package.repository = repository;
  return packages;
}

Package parse_deb_control(std::string_view control, const Package& known) {
  const std::string stanza = std::string(trim(control)) + "\nFilename: " + known.path +
                             "\nSize: " + std::to_string(known.size) + "\nSHA256: " + known.sha256 + "\n";
  const std::string origin = "the control file of " + known.name;
  std::vector<Package> packages = parse_deb_index(stanza, known.architecture, known.repository, origin);
  if (packages.size() != 1)
    throw Error(origin + " has " + std::to_string(packages.size()) + " stanzas for " + known.architecture +
                " instead of one");
  return std::move(packages.front());
}

}  // namespace lifeboat
