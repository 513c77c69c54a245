// Which metadata services are asked over which interface, when, and when again.
#include <algorithm>

#include "init/source/search.hpp"

namespace lifeboat::init {
namespace {

/// For a metadata service that may not exist.
constexpr Milliseconds probe_limit{6'000};
/// Between two tries with a service that gave nothing.
constexpr Milliseconds longest_pause{300'000};

std::string place_of(const std::string& interface, bool ipv6) { return interface + (ipv6 ? " IPv6" : " IPv4"); }

}  // namespace

void SourceSearch::ask_over(const std::string& interface, const Way& way) {
  const auto [entry, is_new] = ways_.try_emplace({interface, way.ipv6}, way);
  if (!is_new && entry->second != way) {
    forget_way(interface, entry->second);
    entry->second = way;
  }
  ask_networks();
}

/// What gave nothing by other addresses may give something by new ones. What is on the link has no use for them.
void SourceSearch::forget_way(const std::string& interface, const Way& former) {
  const std::string place = place_of(interface, former.ipv6);
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const auto* network = std::get_if<NetworkSource>(&options_.sources[i].how);
    State& state = states_[i];
    if (network == nullptr || (former.ipv6 && !is_behind_router(*network)) || state.lets_somebody_in(place)) continue;
    if (state.pending.contains(place))
      state.outdated.insert(place);
    else
      state.asked.erase(place);
  }
}

/// A service may come late, or be slower than the budget: where nobody can log in there is nothing better to do.
void SourceSearch::ask_again_after(Milliseconds pause) {
  loop_.after(pause, [this, pause] {
    if (has_login()) return;
    for (std::size_t i = 0; i < states_.size(); ++i) {
      State& state = states_[i];
      if (!std::holds_alternative<NetworkSource>(options_.sources[i].how)) continue;
      std::erase_if(state.asked, [&](const std::string& place) { return !state.pending.contains(place); });
    }
    ask_networks();
    ask_again_after(std::min(2 * pause, longest_pause));
  });
}

bool SourceSearch::is_behind_router(const NetworkSource& source) const {
  return source.is_behind_router != nullptr && source.is_behind_router(options_.platform);
}

/// What else the machine may be is asked only where nothing near at hand lets anybody in: those that look elsewhere
/// would ask in vain, and where there is no such service that takes its time.
bool SourceSearch::may_probe() const {
  return !platform_known_ && !has_login() && looked_at_all() && !devices_may_come();
}

void SourceSearch::ask_networks() {
  const bool probe = may_probe();
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const auto* source = std::get_if<NetworkSource>(&options_.sources[i].how);
    if (source == nullptr) continue;
    const Belonging belongs = source->belongs(options_.platform);
    if (belongs == Belonging::no || (belongs == Belonging::maybe && !probe)) continue;
    for (const auto& [interface, way] : ways_)
      if (!way.ipv6 || !way.addresses.empty() || !is_behind_router(*source))
        ask_network(i, interface.first, way, belongs == Belonging::maybe);
  }
}

/// A service that may not exist is no failure where it does not answer, and is not waited for as long.
void SourceSearch::ask_network(std::size_t index, const std::string& interface, const Way& way, bool probe) {
  const Source& source = options_.sources[index];
  const auto& network = std::get<NetworkSource>(source.how);
  const auto read = way.ipv6 ? network.read_ipv6 : network.read_ipv4;
  // Its last word comes before the budget's end. A card that comes late has its time, too.
  const Milliseconds whole = std::max(time_left() - Milliseconds(1000), Milliseconds(5000));
  const Milliseconds limit = probe ? std::min(whole, probe_limit) : whole;
  const std::string place = place_of(interface, way.ipv6);
  const std::string dhcp_server = way.dhcp_server;
  if (read == nullptr) return;
  ask(index, place, std::string(source.name) + " (" + place + ")", limit + Milliseconds(500), [=] {
    HttpClient http(interface, limit, dhcp_server);
    auto findings = read(http);
    return !findings && probe ? Result<Findings>(nothing_there(findings.error())) : std::move(findings);
  });
}

}  // namespace lifeboat::init
