#include "init/source/ini.hpp"

#include "init/contract/text.hpp"

namespace lifeboat::init {

std::string_view IniSection::value(std::string_view key) const {
  std::string_view last;
  for (const auto& entry : entries)
    if (entry.first == key) last = entry.second;
  return last;
}

std::vector<IniSection> parse_ini(std::string_view text) {
  std::vector<IniSection> sections;
  for (std::string_view line : contract::split_words(text, "\r\n")) {
    line = contract::trim(line);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      sections.push_back({line.substr(1, line.size() - 2), {}});
      continue;
    }
    const auto assignment = contract::split_assignment(line);
    if (!assignment || sections.empty()) continue;
    const std::string_view value = contract::trim(assignment->second);
    if (!value.empty()) sections.back().entries.emplace_back(contract::trim(assignment->first), value);
  }
  return sections;
}

}  // namespace lifeboat::init
