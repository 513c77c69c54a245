#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "init/net/lease.hpp"
#include "init/net/links.hpp"
#include "init/net/plan.hpp"

namespace lifeboat::init {

/// What one interface is to have, from all that has a say in it.
struct LinkWish {
  std::vector<Prefix> addresses;
  std::vector<Route> routes;        ///< those on the link first, the default routes last; with their metrics
  int mtu = 0;                      ///< 0: as it is
  std::uint32_t table = 0;          ///< replies from the addresses leave by it: a table of the interface's own; 0: none
  std::vector<Address> sources;     ///< with a table: addresses that others set, whose replies leave by it too
  std::vector<Route> table_routes;  ///< of that table alone: the own networks, and the routers' default routes
  bool operator==(const LinkWish&) const = default;
};

/// Plan (nullptr: none) and leases in one. `metric` counts for routes without one. A lease without any way to
/// 169.254.169.254 gets one on the link, since metadata services are there.
LinkWish make_wish(const PlannedLink* plan, const std::optional<Lease>& ipv4, const std::optional<Lease>& ipv6,
                   std::uint32_t metric);

/// Default routes of router advertisements have the card's metric and this.
inline constexpr std::uint32_t router_metric_offset = 1024;

/// Gives the wish a table of its own, in which what is on the link is so without a gateway. `others`: addresses that
/// the kernel made of router advertisements, of which `routers` are.
void add_table(LinkWish& wish, std::uint32_t table, const std::vector<Prefix>& others,
               const std::vector<Address>& routers, std::uint32_t metric);

/// Default routes by these gateways, but those of the lease, come behind all others.
void put_last(LinkWish& wish, const std::vector<Address>& gateways, const std::optional<Lease>& lease);

/// The default gateways of a wish.
std::vector<Address> gateways_of(const LinkWish& wish);

/// What we have set on one interface, so that it can be changed or taken back without touching what others set.
class LinkSettings {
 public:
  /// Takes away what the wish has no longer, sets what is new. Each failure is told once.
  void apply(Links& links, const Link& link, const LinkWish& wish, const std::function<void(const Status&)>& check);
  const LinkWish& wish() const { return set_; }

 private:
  LinkWish set_;
};

}  // namespace lifeboat::init
