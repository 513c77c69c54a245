// Network: what routers advertise of gateways and names, and the resolv.conf that comes of all that has names.
#include <algorithm>
#include <utility>

#include "init/net/network.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// Gateways of more routers than these are the kernel's alone.
void Network::take_routers() {
  constexpr std::size_t most_routers = 8;
  for (auto& [name, card] : cards_) card.routers.clear();
  check(links_->router_routes([this](const RouterRoute& route) {  // there may be as many as somebody likes to send
    for (auto& [name, card] : cards_)
      if (card.link.index == route.index && card.routers.size() < most_routers) card.routers.push_back(route.gateway);
  }));
}

void Network::take_router_names(const RouterNames& names) {
  for (auto& [name, card] : cards_)
    if (card.link.index == names.index) card.names.take(names, name, Clock::now());
}

/// One timer for all: routers that send much make no more of them.
void Network::expire_names() {
  const Clock::time_point now = Clock::now();
  std::optional<Clock::time_point> next;
  for (auto& [name, card] : cards_) {
    card.names.expire(now);
    const auto end = card.names.next_end();
    if (end && (!next || *end < *next)) next = end;
  }
  loop_.cancel(std::exchange(names_end_, 0));
  if (next)
    names_end_ =
        loop_.after(std::chrono::duration_cast<Milliseconds>(*next - now) + Milliseconds(1), [this] { refresh(); });
}

void Network::write_resolv_conf() {
  std::vector<Names> all;
  for (const auto& [name, card] : cards_) all.push_back(names_of_plan(card));
  for (const auto& [name, card] : cards_) {
    for (const auto* lease : {&card.lease, &card.lease6}) {
      if (!*lease) continue;
      Names& names = all.emplace_back();
      for (const Address& server : (*lease)->dns) names.servers.push_back(to_text(server));
      names.search = (*lease)->search;
    }
    all.push_back(card.names.names());
  }
  Names& global = all.emplace_back();
  for (const Address& server : plan_.dns) global.servers.push_back(to_text(server));
  global.search = plan_.search;
  const std::string text = make_resolv_conf(all);
  if (text == resolv_conf_) return;
  resolv_conf_ = text;
  check(replace_file(options_.resolv_conf, text));
}

Names Network::names_of_plan(const Interface& card) const {
  Names names;
  const PlannedLink* plan = planned(plan_, assignment_, card.link.name);
  if (plan == nullptr) return names;
  for (const Address& server : plan->dns) names.servers.push_back(to_text(server));
  names.search = plan->search;
  return names;
}

}  // namespace lifeboat::init
