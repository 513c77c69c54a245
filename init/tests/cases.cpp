#include "init/tests/cases.hpp"

#include <fstream>
#include <stdexcept>

namespace lifeboat::init::test {
namespace {

std::string unescaped(const std::string& line) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char next = line[i] == '\\' && i + 1 < line.size() ? line[i + 1] : '\0';
    const char real = next == 'n' ? '\n' : next == 't' ? '\t' : next == 'r' ? '\r' : next == '\\' ? '\\' : '\0';
    text += real != '\0' ? real : line[i];
    if (real != '\0') ++i;
  }
  return text;
}

void add_line(std::string& text, const std::string& line) { text += (text.empty() ? "" : "\n") + unescaped(line); }

}  // namespace

std::vector<Case> read_cases(const std::string& table) {
  std::ifstream file(std::string(LIFEBOAT_SOURCE_DIR) + "/init/tests/data/" + table);
  if (!file) throw std::runtime_error("no table " + table);
  std::vector<Case> cases;
  bool expected = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("=== ")) {
      cases.push_back({line.substr(4), "", ""});
      expected = false;
    } else if (line == "--- expected") {
      expected = true;
    } else if (!cases.empty()) {
      add_line(expected ? cases.back().expected : cases.back().input, line);
    }
  }
  return cases;
}

}  // namespace lifeboat::init::test
