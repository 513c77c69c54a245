#include "builder/package/without.hpp"

#include <algorithm>

#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

/// The dependencies of this package that go.
std::vector<std::string_view> dropped_of(std::string_view package, std::span<const std::string> without) {
  std::vector<std::string_view> names;
  for (const std::string_view each : without)
    if (each.starts_with(package) && each.substr(package.size()).starts_with('/'))
      names.push_back(each.substr(package.size() + 1));
  return names;
}

bool is_one_of(std::string_view name, const std::vector<std::string_view>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// "python3:any (>= 3.9)" -> "python3"; the whole text for "a | b", which is no name.
std::string_view name_in(std::string_view clause) {
  clause = trim(clause);
  return clause.find('|') == std::string_view::npos ? clause.substr(0, clause.find_first_of(" (:[")) : clause;
}

std::string kept_clauses(std::string_view clauses, const std::vector<std::string_view>& dropped) {
  std::string kept;
  for (const std::string_view clause : split(clauses, ','))
    if (!is_one_of(name_in(clause), dropped)) kept += (kept.empty() ? "" : ",") + std::string(clause);
  return kept;
}

/// A field with its lines: those that follow the first one and begin with a blank.
std::string_view take_whole_field(std::string_view& text) {
  std::size_t end = text.find('\n');
  while (end != std::string_view::npos && end + 1 < text.size() && (text[end + 1] == ' ' || text[end + 1] == '\t'))
    end = text.find('\n', end + 1);
  const std::string_view field = text.substr(0, end == std::string_view::npos ? end : end + 1);
  text.remove_prefix(field.size());
  return field;
}

}  // namespace

void drop_dependencies(Package& package, std::span<const std::string> without) {
  const std::vector<std::string_view> dropped = dropped_of(package.name, without);
  if (dropped.empty()) return;
  for (auto* clauses : {&package.pre_depends, &package.depends})
    std::erase_if(*clauses,
                  [&](const Clause& clause) { return clause.size() == 1 && is_one_of(clause.front().name, dropped); });
}

std::string drop_dependencies(std::string_view control, std::string_view package,
                              std::span<const std::string> without) {
  const std::vector<std::string_view> dropped = dropped_of(package, without);
  if (dropped.empty()) return std::string(control);
  std::string text;
  while (!control.empty()) {
    const std::string_view field = take_whole_field(control);
    const std::size_t colon = field.find(':');
    const std::string_view name = field.substr(0, colon);
    if (name != "Depends" && name != "Pre-Depends") {
      text += field;
      continue;
    }
    const std::string kept(trim(kept_clauses(field.substr(colon + 1), dropped)));
    if (!kept.empty()) text += std::string(name) + ": " + kept + "\n";
  }
  return text;
}

}  // namespace lifeboat
