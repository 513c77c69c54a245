#include "builder/tests/package/debian.hpp"

#include <algorithm>
#include <iterator>

#include "builder/base/text.hpp"
#include "builder/package/deb_index.hpp"
#include "builder/tests/package/debian_index.hpp"

namespace lifeboat {
namespace {

std::vector<std::string> missing_from(const std::set<std::string>& all, const std::set<std::string>& some) {
  std::vector<std::string> missing;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(missing));
  return missing;
}

std::string_view field(std::string_view stanza, std::string_view name) {
  for (const std::string_view line : split_lines(stanza))
    if (line.starts_with(name)) return trim(line.substr(name.size()));
  return {};
}

std::string objection_of(const AptOracle::Answer& answer, const std::set<std::string>& chosen) {
  if (!answer.solvable) return "apt refuses our choice: " + answer.reason;
  if (answer.removes) return "apt would remove something";
  if (answer.chosen == chosen) return "";
  return "apt adds [" + join(missing_from(answer.chosen, chosen), " ") + "] and leaves out [" +
         join(missing_from(chosen, answer.chosen), " ") + "]";
}

}  // namespace

Debian::Debian() : texts(read_debian_12_indexes()), apt(texts) {
  for (const std::string& text : texts) {
    std::vector<Package> packages = parse_deb_index(text, "amd64", "debian", "Packages");
    std::move(packages.begin(), packages.end(), std::back_inserter(universe));
    note_stanzas(text);
  }
}

void Debian::note_stanzas(std::string_view text) {
  while (!text.empty()) {
    const std::string_view stanza = text.substr(0, std::min(text.find("\n\n"), text.size() - 1) + 1);
    stanzas.emplace(std::string(field(stanza, "Package:")) + "=" + std::string(field(stanza, "Version:")), stanza);
    text.remove_prefix(std::min(stanza.size() + 1, text.size()));
  }
}

const Debian& debian() {
  static const Debian once;
  return once;
}

std::string objection(const AptOracle& apt, const std::set<std::string>& chosen,
                      const std::vector<std::string>& provided) {
  std::vector<std::string> names;
  for (const std::string& label : chosen) names.push_back(label.substr(0, label.find('=')));
  return objection_of(apt.install(names, provided), chosen);
}

std::string objection(const Debian& debian, const std::set<std::string>& chosen) {
  std::string found = objection(debian.apt, chosen, {});
  if (!found.empty()) return found;
  std::string packages;
  for (const std::string& label : chosen) packages.append(debian.stanzas.at(label)).append("\n");
  return objection_of(debian.apt.simulate(packages, chosen), chosen);
}

}  // namespace lifeboat
