#pragma once
#include <string>

#include "init/net/bond_options.hpp"
#include "init/net/lease.hpp"
#include "init/net/link.hpp"
#include "init/sys/netlink.hpp"

/// What Links sends to the kernel, without sending it: linux/rtnetlink.h and its neighbours are the source.
namespace lifeboat::init {

NetlinkRequest list_links_request();
NetlinkRequest list_addresses_request();
/// Of the main table and all others.
NetlinkRequest list_ipv6_routes_request();
NetlinkRequest list_neighbours_request(const Link& link, const Address& address);

NetlinkRequest set_up_request(const Link& link, bool up);
NetlinkRequest set_mtu_request(const Link& link, int mtu);
/// `mac` as parse_mac gives it.
NetlinkRequest set_mac_request(const Link& link, const std::string& mac);
NetlinkRequest set_master_request(const Link& member, const Link& master);

Result<NetlinkRequest> make_bond_request(const std::string& name, const BondOptions& options);
NetlinkRequest make_vlan_request(const Link& parent, int id, const std::string& name);
NetlinkRequest make_bridge_request(const std::string& name);
NetlinkRequest remove_link_request(const Link& link);

NetlinkRequest add_address_request(const Link& link, const Prefix& address);
NetlinkRequest remove_address_request(const Link& link, const Prefix& address);

inline constexpr std::uint32_t main_table = 254;

/// A route as it goes into a table.
struct TableRoute {
  Route route;  ///< its metric 0: `metric`
  Prefix own;   ///< a gateway outside of it is declared on-link
  std::uint32_t metric = 0;
  std::uint32_t table = main_table;
};
NetlinkRequest add_route_request(const Link& link, const TableRoute& entry);
NetlinkRequest remove_route_request(const Link& link, const TableRoute& entry);

/// "from ADDRESS lookup TABLE".
NetlinkRequest add_rule_request(const Address& from, std::uint32_t table);
NetlinkRequest remove_rule_request(const Address& from, std::uint32_t table);

/// The kernel resolves the address, as if it had something to send there.
NetlinkRequest ask_neighbour_request(const Link& link, const Address& address);

}  // namespace lifeboat::init
