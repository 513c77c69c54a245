#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace lifeboat {

/// Where something stands in a file. Lines and columns count from 1, columns in characters; line 0 is the whole file.
struct Place {
  std::size_t line = 0;
  std::size_t column = 0;
  std::size_t width = 1;  ///< characters to underline
};

/// One file that was read.
struct Source {
  std::string name;  ///< as a person would type it
  std::string text;
  std::size_t order = 0;  ///< files are reported in the order they were opened
};

/// Something wrong with a recipe.
struct Fault {
  std::shared_ptr<const Source> source;
  Place place;
  std::string what;
  std::string hint;  ///< may be empty
};

/// All faults as text: file:line:column, the line, a caret, the hint; sorted by file and place. No newline at the end.
std::string render(std::vector<Fault> faults);

}  // namespace lifeboat
