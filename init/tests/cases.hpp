#pragma once
#include <string>
#include <vector>

namespace lifeboat::init::test {

/// One case of a table in init/tests/data: what goes in, and the whole text that must come out.
struct Case {
  std::string name;
  std::string input;
  std::string expected;
};

/// Reads a table: "=== name", the input's lines, "--- expected", the expected lines. In both, "\n", "\t", "\r" and "\\"
/// stand for the characters, so that a case can hold them; the last line end is not part of the text.
std::vector<Case> read_cases(const std::string& table);

}  // namespace lifeboat::init::test
