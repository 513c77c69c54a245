#include "init/rescue/within.hpp"

#include <optional>

#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds grace{1'000};  // the worker's own limit ends it first, and says so better

/// "16:doing: Device or resource busy"; empty: it worked.
std::string to_text(const Status& status) {
  return status ? "" : std::to_string(status.failure().number) + ":" + status.error();
}

Status from_text(const std::string& text) {
  if (text.empty()) return Done{};
  const std::size_t colon = text.find(':');
  Failure failure{text.substr(colon + 1)};
  for (const char c : text.substr(0, colon)) failure.number = failure.number * 10 + (c - '0');
  return failure;
}

}  // namespace

Status do_within(const std::string& doing, Milliseconds limit, const std::function<Status()>& run) {
  auto loop = Loop::create();
  if (!loop) return loop.failure();
  const auto answer = std::make_shared<std::optional<Result<std::string>>>();
  start_work(**loop, {.name = doing,
                      .limit = limit,
                      .run = [&run] { return to_text(run()); },
                      .ended = [answer](const Result<std::string>& text) { *answer = text; }});
  static_cast<void>((*loop)->run_until([&] { return answer->has_value(); }, limit + grace));
  if (!*answer) return Failure{doing + ": no answer"};
  if (!**answer) return (*answer)->failure();
  return from_text(***answer);
}

}  // namespace lifeboat::init
