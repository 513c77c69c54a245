#include "init/net/wish.hpp"

#include <algorithm>

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

/// Into the main table, and, where there is one, the interface's own.
std::vector<std::uint32_t> tables_of(const LinkWish& wish) {
  return wish.table == 0 ? std::vector<std::uint32_t>{main_table} : std::vector<std::uint32_t>{main_table, wish.table};
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

std::vector<Address> gateways_of(const LinkWish& wish) {
  std::vector<Address> gateways;
  for (const Route& route : wish.routes)
    if (route.to.length == 0 && !route.gateway.is_none()) add_new(gateways, route.gateway);
  return gateways;
}

void LinkSettings::apply(Links& links, const Link& link, const LinkWish& wish,
                         const std::function<void(const Status&)>& check) {
  if (wish == set_) return;
  const bool same_table = set_.table == wish.table;
  // What is gone already (a link that lost its carrier drops routes) is no trouble.
  for (const Route& route : set_.routes)
    for (const std::uint32_t table : tables_of(set_))
      if (!same_table || !has(wish.routes, route)) static_cast<void>(links.remove_route(link, route, 0, table));
  for (const Prefix& address : set_.addresses) {
    if (set_.table != 0 && (!same_table || !has(wish.addresses, address)))
      static_cast<void>(links.remove_rule(address.address, set_.table));
    if (!has(wish.addresses, address)) check(links.remove_address(link, address));
  }
  if (wish.mtu != 0 && wish.mtu != link.mtu) check(links.set_mtu(link, wish.mtu));
  for (const Prefix& address : wish.addresses) {
    if (!has(set_.addresses, address)) check(links.add_address(link, address));
    if (wish.table != 0) check(links.add_rule(address.address, wish.table));
  }
  for (const Route& route : wish.routes)
    for (const std::uint32_t table : tables_of(wish))
      check(links.add_route(link, route, own_of(wish.addresses, route.gateway), route.metric, table));
  set_ = wish;
}

}  // namespace lifeboat::init
