#include "init/net/wish.hpp"

#include <algorithm>
#include <utility>

namespace lifeboat::init {
namespace {

template <class Value>
bool has(const std::vector<Value>& values, const Value& value) {
  return std::ranges::find(values, value) != values.end();
}

template <class Value>
void add_new(std::vector<Value>& values, const Value& value) {
  if (!has(values, value)) values.push_back(value);
}

int rank(const Route& route) { return route.to.length == 0 ? 2 : route.gateway.is_none() ? 0 : 1; }

/// The address that a gateway is reached from; none: it is outside of all, and declared on-link.
Prefix own_of(const std::vector<Prefix>& addresses, const Address& gateway) {
  const auto own = std::ranges::find_if(addresses, [&](const Prefix& prefix) { return contains(prefix, gateway); });
  return own == addresses.end() ? Prefix{} : *own;
}

void add_way_to_metadata(LinkWish& wish, std::uint32_t metric) {
  const Address metadata{false, {169, 254, 169, 254}};
  const bool covered =
      std::ranges::any_of(wish.routes, [&](const Route& route) { return contains(route.to, metadata); });
  if (!covered) wish.routes.push_back({{metadata, 32}, {}, metric});
}

}  // namespace

LinkWish make_wish(const PlannedLink* plan, const std::optional<Lease>& ipv4, const std::optional<Lease>& ipv6,
                   std::uint32_t metric) {
  LinkWish wish;
  const auto add_route = [&](Route route) {
    if (route.metric == 0) route.metric = plan != nullptr && plan->metric != 0 ? plan->metric : metric;
    add_new(wish.routes, route);
  };
  if (plan != nullptr) {
    wish.addresses = plan->addresses;
    wish.mtu = plan->mtu;
    for (const Route& route : plan->routes) add_route(route);
  }
  for (const auto* lease : {&ipv4, &ipv6}) {
    if (!*lease) continue;
    add_new(wish.addresses, (*lease)->address);
    if (wish.mtu == 0) wish.mtu = (*lease)->mtu;
    for (const Route& route : (*lease)->routes) add_route(route);
  }
  if (ipv4) add_way_to_metadata(wish, metric);
  std::erase_if(wish.addresses, [](const Prefix& prefix) { return prefix.address.is_none(); });
  std::ranges::stable_sort(wish.routes, {}, rank);
  return wish;
}

void add_table(LinkWish& wish, std::uint32_t table, const std::vector<Prefix>& others,
               const std::vector<Address>& routers, std::uint32_t metric) {
  wish.table = table;
  for (const std::vector<Prefix>* prefixes : {&std::as_const(wish.addresses), &others})
    for (const Prefix& own : *prefixes)
      if (own.length < own.address.bits())
        add_new(wish.table_routes, Route{{network_of(own), own.length}, Address{own.address.ipv6, {}}, metric});
  for (const Address& router : routers)
    add_new(wish.table_routes, Route{{Address{true, {}}, 0}, router, router_metric_offset + metric});
  for (const Prefix& other : others) add_new(wish.sources, other.address);
}

void put_last(LinkWish& wish, const std::vector<Address>& gateways, const std::optional<Lease>& lease) {
  constexpr std::uint32_t behind = 2 * router_metric_offset;  // even those that the kernel made of advertisements
  for (Route& route : wish.routes) {
    const bool leased = lease && std::ranges::any_of(lease->routes, [&](const Route& own) {
                          return own.to == route.to && own.gateway == route.gateway;
                        });
    if (route.to.length == 0 && has(gateways, route.gateway) && !leased) route.metric += behind;
  }
}

std::vector<Address> gateways_of(const LinkWish& wish) {
  std::vector<Address> gateways;
  for (const Route& route : wish.routes)
    if (route.to.length == 0 && !route.gateway.is_none()) add_new(gateways, route.gateway);
  return gateways;
}

namespace {

using Check = std::function<void(const Status&)>;

/// Each route with the table that it is to be in.
std::vector<std::pair<Route, std::uint32_t>> all_routes(const LinkWish& wish) {
  std::vector<std::pair<Route, std::uint32_t>> all;
  if (wish.table != 0)  // gateways are reached over these
    for (const Route& route : wish.table_routes) all.emplace_back(route, wish.table);
  for (const Route& route : wish.routes) {
    all.emplace_back(route, main_table);
    if (wish.table != 0) all.emplace_back(route, wish.table);
  }
  return all;
}

/// Whose replies leave by the wish's table.
std::vector<Address> all_sources(const LinkWish& wish) {
  std::vector<Address> sources;
  if (wish.table == 0) return sources;
  for (const Prefix& own : wish.addresses) sources.push_back(own.address);
  sources.insert(sources.end(), wish.sources.begin(), wish.sources.end());
  return sources;
}

}  // namespace

void LinkSettings::apply(Links& links, const Link& link, const LinkWish& wish, const Check& check) {
  if (wish == set_) return;
  const auto before = all_routes(set_), now = all_routes(wish);
  const auto sources = all_sources(wish);
  // What is gone already (a link that lost its carrier drops routes) is no trouble.
  for (const auto& entry : before)
    if (!has(now, entry)) static_cast<void>(links.remove_route(link, entry.first, 0, entry.second));
  for (const Address& source : all_sources(set_))
    if (set_.table != wish.table || !has(sources, source)) static_cast<void>(links.remove_rule(source, set_.table));
  for (const Prefix& address : set_.addresses)
    if (!has(wish.addresses, address)) check(links.remove_address(link, address));
  if (wish.mtu != 0 && wish.mtu != link.mtu) check(links.set_mtu(link, wish.mtu));
  for (const Prefix& address : wish.addresses)
    if (!has(set_.addresses, address)) check(links.add_address(link, address));
  for (const Address& source : sources) check(links.add_rule(source, wish.table));
  for (const auto& [route, table] : now)
    check(links.add_route(link, route, own_of(wish.addresses, route.gateway), route.metric, table));
  set_ = wish;
}

}  // namespace lifeboat::init
