#include "builder/base/progress.hpp"

#include <exception>

namespace lifeboat {
namespace {

constexpr std::chrono::milliseconds between_views{100};

std::unique_ptr<ProgressOutput> output_for(const Progress::Options& options) {
  if (options.quiet) return nullptr;
  return options.json ? make_json_output() : make_text_output();
}

}  // namespace

Progress::Progress(const Options& options) : output_(output_for(options)) {}

void Progress::remark(Remark kind, std::string_view text, const EventFields& fields) {
  const std::lock_guard lock(mutex_);
  if (output_) output_->remark(kind, text, fields);
}

Progress::Step::Step(Progress& progress, std::string name, StepUnit unit)
    : progress_(progress), started_(Rate::Clock::now()), exceptions_(std::uncaught_exceptions()) {
  view_.name = std::move(name);
  view_.unit = unit;
  const std::lock_guard lock(progress_.mutex_);
  if (progress_.output_) progress_.output_->step_began(view_);
}

Progress::Step::~Step() {
  if (!ended_) end(std::uncaught_exceptions() > exceptions_ ? StepEnd::failed : StepEnd::done, "");
}

double Progress::Step::seconds() const { return std::chrono::duration<double>(Rate::Clock::now() - started_).count(); }

void Progress::Step::update(std::uint64_t done, std::uint64_t total) {
  const std::lock_guard lock(progress_.mutex_);
  const auto now = Rate::Clock::now();
  rate_.add(now, done);
  if (!progress_.output_ || ended_ || now - shown_ < between_views) return;
  shown_ = now;
  view_.done = done;
  view_.total = total;
  view_.rate = rate_.per_second();
  view_.seconds = seconds();
  progress_.output_->step_moved(view_);
}

void Progress::Step::done(std::string_view result) { end(StepEnd::done, result); }

void Progress::Step::skipped(std::string_view result) { end(StepEnd::skipped, result); }

void Progress::Step::end(StepEnd how, std::string_view result) {
  const std::lock_guard lock(progress_.mutex_);
  if (ended_) return;
  ended_ = true;
  view_.seconds = seconds();
  if (progress_.output_) progress_.output_->step_ended(view_, how, result);
}

}  // namespace lifeboat
