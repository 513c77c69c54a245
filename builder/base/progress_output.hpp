#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "builder/base/event.hpp"

namespace lifeboat {

enum class StepUnit : std::uint8_t { bytes, things };
enum class StepEnd : std::uint8_t { done, skipped, failed };
enum class Remark : std::uint8_t { start, note, warning, done };

/// How far a step is.
struct StepView {
  std::string name;
  StepUnit unit = StepUnit::bytes;
  std::uint64_t done = 0;
  std::uint64_t total = 0;          ///< 0: not known
  std::optional<double> rate = {};  ///< per second, of late; nothing: not known yet
  double seconds = 0;               ///< since it began
};

/// Where progress goes, and in which form. Progress calls it from one thread at a time.
class ProgressOutput {
 public:
  virtual ~ProgressOutput() = default;
  /// `step` stays where it is until step_ended.
  virtual void step_began(const StepView& step) = 0;
  virtual void step_moved(const StepView& step) = 0;
  virtual void step_ended(const StepView& step, StepEnd how, std::string_view result) = 0;
  virtual void remark(Remark kind, std::string_view text, const EventFields& fields) = 0;
};

/// Lines on standard error. Where that is a terminal that can move its cursor, the line of the step that moved last is
/// drawn anew in its place.
std::unique_ptr<ProgressOutput> make_text_output();
/// A JSON object per line on standard output: docs/progress.md.
std::unique_ptr<ProgressOutput> make_json_output();

}  // namespace lifeboat
