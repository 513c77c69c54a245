#pragma once
// The lines that people see, as text; where they go is progress_text.cpp's business.
#include <optional>
#include <string>
#include <string_view>

#include "builder/base/progress_output.hpp"

namespace lifeboat {

/// What the lines are written for.
struct LineStyle {
  std::optional<std::size_t> columns;  ///< of the terminal, which a line never fills; nothing: a log, any length
  bool colour = false;
};

/// "  fetch         [######..................] 22.3 MiB of 89.1 MiB, 12.3 MiB/s, 6 s left". On a narrow terminal the
/// rate goes first, then the time, then the bar.
std::string live_line(const StepView& step, const LineStyle& style);

/// "  fetch         162 files in /home/me/.cache/lifeboat                        12.3 s"
std::string ended_line(const StepView& step, StepEnd how, std::string_view result, const LineStyle& style);

/// One line for each of the text's; two blanks before each, "warning: " before the first.
std::string remark_lines(Remark kind, std::string_view text, const LineStyle& style);

/// "45 s", "2 min 5 s", "1 h 3 min"
std::string duration_text(std::uint64_t seconds);

}  // namespace lifeboat
