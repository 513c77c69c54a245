#include "init/net/heard_names.hpp"

#include <algorithm>

namespace lifeboat::init {
namespace {

constexpr std::uint32_t without_end = 0xffffffff;

}  // namespace

/// One that is known stays at its place, with its new lifetime: a router repeats itself every few minutes.
void HeardNames::take(std::vector<Entry>& entries, const std::string& value, Clock::time_point end, bool gone) {
  const auto known = std::ranges::find(entries, value, &Entry::value);
  if (known != entries.end()) {
    known->end = end;
    if (gone) entries.erase(known);
  } else if (!gone) {
    entries.insert(entries.begin(), {value, end});
  }
  if (entries.size() > most_router_values) entries.pop_back();
}

void HeardNames::take(const RouterNames& names, const std::string& interface, Clock::time_point now) {
  const auto end =
      names.seconds == without_end ? Clock::time_point::max() : now + Milliseconds(std::int64_t{names.seconds} * 1000);
  for (const Address& server : names.dns)
    take(servers_, to_text(server) + (is_link_local(server) ? "%" + interface : ""), end, names.seconds == 0);
  for (const std::string& domain : names.search) take(search_, domain, end, names.seconds == 0);
}

void HeardNames::expire(Clock::time_point now) {
  for (auto* entries : {&servers_, &search_})
    std::erase_if(*entries, [now](const Entry& entry) { return entry.end <= now; });
}

std::optional<Clock::time_point> HeardNames::next_end() const {
  Clock::time_point next = Clock::time_point::max();
  for (const auto* entries : {&servers_, &search_})
    for (const Entry& entry : *entries) next = std::min(next, entry.end);
  return next == Clock::time_point::max() ? std::nullopt : std::optional(next);
}

Names HeardNames::names() const {
  Names names;
  for (const Entry& entry : servers_) names.servers.push_back(entry.value);
  for (const Entry& entry : search_) names.search.push_back(entry.value);
  return names;
}

}  // namespace lifeboat::init
