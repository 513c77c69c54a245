// Progress for people, on standard error.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <vector>

#include "builder/base/progress_line.hpp"
#include "builder/base/progress_output.hpp"

namespace lifeboat {
namespace {

/// In one piece, so that a line is never mixed with those of others. Nobody reads it: no reason to stop.
void write_err(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(2, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

class LogOutput : public ProgressOutput {
 public:
  void step_began(const StepView&) override {}
  void step_moved(const StepView&) override {}
  void step_ended(const StepView& step, StepEnd how, std::string_view result) override {
    write_err(ended_line(step, how, result, {}) + "\n");
  }
  void remark(Remark kind, std::string_view text, const EventFields&) override {
    write_err(remark_lines(kind, text, {}));
  }
};

class TerminalOutput : public ProgressOutput {
 public:
  TerminalOutput() = default;
  TerminalOutput(const TerminalOutput&) = delete;
  TerminalOutput& operator=(const TerminalOutput&) = delete;
  ~TerminalOutput() override {
    if (!running_.empty()) write_err(erase);
  }

  void step_began(const StepView& step) override {
    running_.push_back(&step);
    print("");
  }
  void step_moved(const StepView& step) override {
    std::erase(running_, &step);
    running_.push_back(&step);
    print("");
  }
  void step_ended(const StepView& step, StepEnd how, std::string_view result) override {
    std::erase(running_, &step);
    print(ended_line(step, how, result, style()) + "\n");
  }
  void remark(Remark kind, std::string_view text, const EventFields&) override {
    print(remark_lines(kind, text, style()));
  }

 private:
  static constexpr std::string_view erase = "\r\x1b[K";

  /// Whole lines in the place of the one that is drawn in place, which follows them.
  void print(std::string_view lines) const {
    std::string bytes = std::string(erase) + std::string(lines);
    if (!running_.empty()) bytes += live_line(*running_.back(), style());
    write_err(bytes);
  }

  /// Asked each time: the person may have changed the window.
  LineStyle style() const {
    winsize size{};
    const bool known = ::ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return {.columns = known ? size.ws_col : 80U, .colour = colour_};
  }

  const bool colour_ = variable("NO_COLOR").empty();
  std::vector<const StepView*> running_;  ///< the one that moved last is the last
};

}  // namespace

std::unique_ptr<ProgressOutput> make_text_output() {
  const std::string terminal = variable("TERM");
  if (::isatty(2) == 1 && !terminal.empty() && terminal != "dumb") return std::make_unique<TerminalOutput>();
  return std::make_unique<LogOutput>();
}

}  // namespace lifeboat
