#include "init/boot/bounded.hpp"

#include <sys/stat.h>

#include <memory>
#include <optional>

#include "init/boot/medium_look.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds between_looks{250};
constexpr Milliseconds between_words{3'000};
constexpr Milliseconds grace{1'000};  // the worker's own limit ends it first, and says so better

std::uint64_t size_of(const std::string& file) {
  struct stat found {};
  return ::stat(file.c_str(), &found) == 0 ? static_cast<std::uint64_t>(found.st_size) : 0;
}

}  // namespace

Result<std::string> run_bounded(Machine& machine, const std::string& name, Milliseconds limit,
                                const std::function<Result<std::string>()>& run, const std::function<bool()>& goes_on) {
  const auto answer = std::make_shared<std::optional<Result<std::string>>>();  // the worker may outlast the wait
  start_work(*machine.loop, {.name = name,
                             .limit = limit,
                             .run =
                                 [run] {
                                   const auto result = run();
                                   return result ? "=" + *result : "!" + result.error();
                                 },
                             .ended = [answer](const Result<std::string>& text) { *answer = text; }});
  bool gave_up = false;
  const auto over = [&] {
    if (*answer) return true;
    gave_up = !goes_on();
    machine.loop->after(between_looks, [] {});
    return gave_up;
  };
  static_cast<void>(machine.loop->run_until(over, limit + grace));
  if (!*answer) return Failure{name + ": it does not go on"};
  if (!**answer) return (*answer)->failure();
  const std::string& text = ***answer;
  if (!text.starts_with('=')) return Failure{text.substr(text.empty() ? 0 : 1)};
  return text.substr(1);
}

Status run_bounded_status(Machine& machine, const std::string& name, Milliseconds limit,
                          const std::function<Status()>& run) {
  auto text = run_bounded(machine, name, limit, [run]() -> Result<std::string> {
    const Status done = run();
    if (!done) return done.failure();
    return std::string();
  });
  if (!text) return text.failure();
  return Done{};
}

Growth::Growth(Machine& machine, std::string doing, std::string file, std::uint64_t whole, Milliseconds patience)
    : machine_(machine),
      doing_(std::move(doing)),
      file_(std::move(file)),
      whole_(whole),
      patience_(patience),
      grown_(Clock::now()),
      said_(Clock::now()) {}

bool Growth::look() {
  const Clock::time_point now = Clock::now();
  const std::uint64_t size = size_of(file_);
  if (size != size_) {
    size_ = size;
    grown_ = now;
  }
  if (now - said_ >= between_words) {
    said_ = now;
    machine_.say(doing_ + ": " + size_words(size_) + " of " + size_words(whole_));
  }
  return now - grown_ < patience_;
}

}  // namespace lifeboat::init
