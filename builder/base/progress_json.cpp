// Progress for a pipeline, on standard output.
#include "builder/base/event.hpp"
#include "builder/base/progress_output.hpp"

namespace lifeboat {
namespace {

std::string name_of(Remark kind) {
  switch (kind) {
    case Remark::start:
      return "start";
    case Remark::note:
      return "note";
    case Remark::warning:
      return "warning";
    case Remark::done:
      return "done";
  }
  return "";
}

class JsonOutput : public ProgressOutput {
 public:
  void step_began(const StepView& step) override { print_event("step", {{"name", step.name}}); }
  void step_moved(const StepView& step) override {
    const std::string unit = step.unit == StepUnit::bytes ? "bytes" : "things";
    print_event("progress", {{"name", step.name}, {"done", step.done}, {"total", step.total}, {"unit", unit}});
  }
  void step_ended(const StepView& step, StepEnd how, std::string_view result) override {
    EventFields fields{{"name", step.name}};
    if (how != StepEnd::failed) fields.emplace_back("result", std::string(result));
    fields.emplace_back("seconds", step.seconds);
    print_event(how == StepEnd::done ? "step-done" : how == StepEnd::skipped ? "step-skipped" : "step-failed", fields);
  }
  /// What a line of the start and the end says to people, their fields say to programs.
  void remark(Remark kind, std::string_view text, const EventFields& fields) override {
    const bool has_text = kind == Remark::note || kind == Remark::warning;
    print_event(name_of(kind), has_text ? EventFields{{"text", std::string(text)}} : fields);
  }
};

}  // namespace

std::unique_ptr<ProgressOutput> make_json_output() { return std::make_unique<JsonOutput>(); }

}  // namespace lifeboat
