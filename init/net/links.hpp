#pragma once
#include <functional>
#include <string>
#include <vector>

#include "init/net/bond_options.hpp"
#include "init/net/lease.hpp"
#include "init/net/link.hpp"
#include "init/net/link_requests.hpp"
#include "init/sys/netlink.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// rtnetlink: asks the kernel for links and addresses, and sets them. Each call is one exchange with the kernel.
class Links {
 public:
  static Result<Links> open();

  Result<std::vector<Link>> list();
  /// Those that are ready to use, without IPv4 link-local and loopback ones; IPv4 first.
  Result<std::vector<LinkAddress>> addresses();
  /// As addresses(), with those that are not ready too.
  Result<std::vector<LinkAddress>> addresses_of_all_states();

  Status set_up(const Link& link);
  Status set_down(const Link& link);
  Status set_mtu(const Link& link, int mtu);
  Status set_mac(const Link& link, const std::string& mac);

  /// New links are down, and without members. The kernel fetches the module itself where modprobe is at its place.
  /// One of that name that is down and has no members gives way: the module makes a bond0 of its own when it is loaded.
  Status make_bond(const std::string& name, const BondOptions& options);
  Status make_vlan(const Link& parent, int id, const std::string& name);
  Status make_bridge(const std::string& name);
  /// A bond's member must be down; the bond brings it up.
  Status enslave(const Link& member, const Link& master);
  /// What software made; the kernel refuses it for a card.
  Status remove_link(const Link& link);

  Status add_address(const Link& link, const Prefix& address);
  Status remove_address(const Link& link, const Prefix& address);
  /// A gateway outside of `own` is declared on-link, as clouds with /32 addresses need it. `metric` counts where the
  /// route has none.
  Status add_route(const Link& link, const Route& route, const Prefix& own, std::uint32_t metric,
                   std::uint32_t table = main_table);
  Status remove_route(const Link& link, const Route& route, std::uint32_t metric, std::uint32_t table = main_table);
  /// The default routes that the kernel made of router advertisements.
  Status router_routes(const std::function<void(const RouterRoute&)>& use);
  /// What this machine sends from `from` goes by `table`. One that is there already is right.
  Status add_rule(const Address& from, std::uint32_t table);
  Status remove_rule(const Address& from, std::uint32_t table);

  /// The kernel asks three times within three seconds whether anybody has the address; neighbour() tells then.
  Status ask_neighbour(const Link& link, const Address& address);
  Result<Neighbour> neighbour(const Link& link, const Address& address);

 private:
  explicit Links(Netlink socket) : socket_(std::move(socket)) {}
  bool remove_unused_bond(const std::string& name);
  Netlink socket_;
};

}  // namespace lifeboat::init
