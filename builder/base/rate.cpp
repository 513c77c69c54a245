#include "builder/base/rate.hpp"

namespace lifeboat {
namespace {

constexpr std::chrono::seconds window{5};
constexpr std::chrono::milliseconds least{500};  // of time, before a rate says anything
constexpr std::chrono::milliseconds apart{100};  // closer ones replace each other: the deque stays short

}  // namespace

void Rate::add(Clock::time_point when, std::uint64_t done) {
  if (seen_.size() > 1 && when - seen_[seen_.size() - 2].first < apart) seen_.pop_back();
  seen_.emplace_back(when, done);
  while (seen_.size() > 2 && when - seen_[1].first >= window) seen_.pop_front();
}

std::optional<double> Rate::per_second() const {
  if (seen_.empty() || seen_.back().first - seen_.front().first < least) return std::nullopt;
  const std::chrono::duration<double> time = seen_.back().first - seen_.front().first;
  if (seen_.back().second < seen_.front().second) return 0;  // a damaged part was thrown away
  return static_cast<double>(seen_.back().second - seen_.front().second) / time.count();
}

}  // namespace lifeboat
