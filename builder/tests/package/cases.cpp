#include "builder/tests/package/cases.hpp"

#include <stdexcept>

#include "builder/base/file.hpp"
#include "builder/base/text.hpp"
#include "builder/package/deb_index.hpp"

namespace lifeboat {
namespace {

std::vector<std::string> words(const Case& from, const std::string& key) {
  const auto found = from.find(key);
  if (found == from.end()) return {};
  const std::vector<std::string_view> views = split_words(found->second);
  return {views.begin(), views.end()};
}

/// Starts a block at a "case:" line; notes the others in the last block.
void note_line(std::vector<Case>& cases, std::string& key, const std::string& line) {
  if (line.starts_with('|')) {
    cases.back().at(key) += "\n" + line.substr(1);
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos) throw std::runtime_error("not a `key: value` line: " + line);
  key = line.substr(0, colon);
  if (key == "case") cases.emplace_back();
  if (!cases.back().emplace(key, trim(std::string_view(line).substr(colon + 1))).second)
    throw std::runtime_error("a key twice: " + line);
}

}  // namespace

std::string read_data(const std::string& name) {
  return read_file(std::string(LIFEBOAT_SOURCE_DIR) + "/builder/tests/data/package/" + name);
}

std::vector<std::string> read_data_lines(const std::string& name) {
  const std::string text = read_data(name);
  std::vector<std::string> lines;
  for (const std::string_view line : split_lines(text))
    if (!line.empty() && !line.starts_with('#')) lines.emplace_back(line);
  return lines;
}

std::vector<Case> read_cases(const std::string& name) {
  std::vector<Case> cases;
  std::string key;
  for (const std::string& line : read_data_lines(name)) note_line(cases, key, line);
  return cases;
}

std::string universe_text(const std::string& name) {
  std::string text = read_data(name + ".txt");
  std::string filled;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find("\n\n", at), text.size());
    std::string stanza = text.substr(at, end - at);
    while (stanza.ends_with('\n')) stanza.pop_back();
    if (stanza.find("\nArchitecture:") == std::string::npos) stanza += "\nArchitecture: amd64";
    if (stanza.find("\nPriority:") == std::string::npos) stanza += "\nPriority: optional";
    filled += stanza + "\nFilename: pool/" + std::to_string(++number) +
              ".deb\nSize: 1\nSHA256: " + std::string(64, '0') + "\n\n";
    at = end + 2;
  }
  return filled;
}

std::vector<Package> read_universe(const std::string& name) {
  return parse_deb_index(universe_text(name), "amd64", "test", name);
}

ResolveRequest request_of(const Case& from) {
  ResolveRequest request;
  request.architecture = "amd64";
  request.install = words(from, "install");
  request.provided = words(from, "provided");
  request.essential = from.contains("essential");
  return request;
}

std::vector<std::string> labels(std::span<const Package> universe, std::span<const std::size_t> chosen) {
  std::vector<std::string> names;
  for (const std::size_t index : chosen) names.push_back(universe[index].name + "=" + universe[index].version);
  return names;
}

}  // namespace lifeboat
