#include "builder/recipe/fault.hpp"

#include <algorithm>
#include <tuple>

#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char byte) { return (static_cast<unsigned char>(byte) >> 6) != 2; }));
}

/// The first `count` characters of a line.
std::string_view first_characters(std::string_view utf8, std::size_t count) {
  std::size_t end = 0;
  while (end < utf8.size() && count_characters(utf8.substr(0, end + 1)) <= count) ++end;
  return utf8.substr(0, end);
}

std::string_view line_of(std::string_view text, std::size_t number) {
  const std::vector<std::string_view> lines = split_lines(text);
  return number <= lines.size() ? lines[number - 1] : std::string_view{};
}

/// Tabs become one blank, so that the caret stays below its character on every terminal.
std::string shown(std::string_view line) {
  std::string plain(line);
  std::replace(plain.begin(), plain.end(), '\t', ' ');
  if (plain.ends_with('\r')) plain.pop_back();
  return printable(plain);
}

std::string render_line(const Fault& fault) {
  const std::string_view line = line_of(fault.source->text, fault.place.line);
  const std::string number = std::to_string(fault.place.line);
  const std::string margin(std::max<std::size_t>(number.size(), 5) - number.size(), ' ');
  const std::size_t before = count_characters(shown(first_characters(line, fault.place.column - 1)));
  return margin + number + " | " + shown(line) + "\n" + std::string(std::max<std::size_t>(number.size(), 5), ' ') +
         " | " + std::string(before, ' ') + "^" + std::string(std::max<std::size_t>(fault.place.width, 1) - 1, '~') +
         "\n";
}

std::string render(const Fault& fault) {
  std::string text = printable(fault.source->name) + ":";
  if (fault.place.line > 0) text += std::to_string(fault.place.line) + ":" + std::to_string(fault.place.column) + ":";
  text += " " + printable(fault.what) + "\n";
  if (fault.place.line > 0) text += render_line(fault);
  if (!fault.hint.empty()) text += "hint: " + printable(fault.hint) + "\n";
  return text;
}

}  // namespace

std::string render(std::vector<Fault> faults) {
  std::stable_sort(faults.begin(), faults.end(), [](const Fault& a, const Fault& b) {
    return std::tie(a.source->order, a.place.line, a.place.column) <
           std::tie(b.source->order, b.place.line, b.place.column);
  });
  constexpr std::size_t most_shown = 100;  // each costs a pass over its file, and nobody reads on
  std::string text;
  for (std::size_t i = 0; i < std::min(faults.size(), most_shown); ++i) text += render(faults[i]);
  if (faults.size() > most_shown) text += "and " + std::to_string(faults.size() - most_shown) + " more faults\n";
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace lifeboat
