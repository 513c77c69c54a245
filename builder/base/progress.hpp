#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "builder/base/event.hpp"
#include "builder/base/progress_output.hpp"
#include "builder/base/rate.hpp"

namespace lifeboat {

/// What the builder says while it works. On a terminal: one line per step, with a bar, the rate and the time left while
/// it lasts. In a log: plain lines, no control characters. For a pipeline: JSON events on standard output, which
/// docs/progress.md describes. NO_COLOR and TERM=dumb are honoured. Safe to call from several threads, and steps may
/// overlap.
class Progress {
 public:
  struct Options {
    bool quiet = false;  ///< nothing at all
    bool json = false;   ///< events on standard output instead of lines on standard error
  };
  explicit Progress(const Options& options);
  explicit Progress(bool quiet = false) : Progress(Options{.quiet = quiet}) {}

  /// The first and the last thing said: a line for people, fields for programs (events "start" and "done").
  void start(std::string_view line, const EventFields& fields) { remark(Remark::start, line, fields); }
  void done(std::string_view line, const EventFields& fields) { remark(Remark::done, line, fields); }
  /// A fact worth reading.
  void note(std::string_view text) { remark(Remark::note, text, {}); }
  /// Something that the person should look at, though the build goes on.
  void warning(std::string_view text) { remark(Remark::warning, text, {}); }

  /// One step of the build; prints its line when it is done, or that it failed when it is left by an exception.
  class Step {
   public:
    Step(Progress& progress, std::string name, StepUnit unit = StepUnit::bytes);
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step();
    /// Bytes (or things) done of `total` (0: not known); shown at most ten times a second.
    void update(std::uint64_t done, std::uint64_t total);
    /// The result in words: "162 packages, 89.1 MiB". The step's line is printed with its duration.
    void done(std::string_view result);
    /// The result was there already, from an earlier build: shown as done, with a mark.
    void skipped(std::string_view result);
    double seconds() const;

   private:
    void end(StepEnd how, std::string_view result);

    Progress& progress_;
    StepView view_;
    Rate rate_;
    std::chrono::steady_clock::time_point started_;
    std::chrono::steady_clock::time_point shown_;
    int exceptions_;  ///< on their way when it began
    bool ended_ = false;
  };

 private:
  friend class Step;
  void remark(Remark kind, std::string_view text, const EventFields& fields);

  std::unique_ptr<ProgressOutput> output_;  ///< null: quiet
  std::mutex mutex_;                        ///< guards output_ and what steps have of their own
};

}  // namespace lifeboat
