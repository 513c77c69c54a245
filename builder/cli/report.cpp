#include "builder/cli/report.hpp"

#include "builder/base/error.hpp"
#include "builder/base/event.hpp"
#include "builder/base/text.hpp"
#include "builder/cli/command_line.hpp"
#include "builder/recipe/recipe.hpp"

namespace lifeboat {
namespace {

std::string printable_lines(std::string_view text) {
  std::string lines;
  for (const std::string_view line : split_lines(text)) lines += printable(line) + "\n";
  return lines;
}

}  // namespace

std::string error_text(const std::exception& error) {
  if (dynamic_cast<const RecipeError*>(&error) != nullptr) return printable_lines(error.what());
  std::string text = printable_lines("lifeboat: error: " + std::string(error.what()));
  if (const auto* ours = dynamic_cast<const Error*>(&error); ours != nullptr && !ours->hint().empty())
    text += printable_lines("hint: " + ours->hint());
  return text;
}

void print_error_event(const std::exception& error) {
  const auto* ours = dynamic_cast<const Error*>(&error);
  print_error_event(error.what(), ours != nullptr ? ours->hint() : "");
}

int exit_status(const std::exception& error) {
  if (const auto* interrupted = dynamic_cast<const Interrupted*>(&error)) return 128 + interrupted->signal();
  return dynamic_cast<const UsageError*>(&error) != nullptr ? 2 : 1;
}

}  // namespace lifeboat
