#include "init/net/links.hpp"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>

#include "init/net/link_parse.hpp"

namespace lifeboat::init {

Result<Links> Links::open() {
  auto socket = Netlink::open(NETLINK_ROUTE, 0);
  if (!socket) return socket.failure();
  return Links(std::move(*socket));
}

Result<std::vector<Link>> Links::list() {
  std::vector<Link> links;
  Status listed =
      socket_.dump(list_links_request(), "listing the network interfaces", [&](const NetlinkMessage& message) {
        if (auto link = parse_link(message)) links.push_back(*link);
      });
  if (!listed) return listed.failure();
  return links;
}

Result<std::vector<LinkAddress>> Links::addresses_of_all_states() {
  std::vector<LinkAddress> addresses, ipv6;
  Status listed =
      socket_.dump(list_addresses_request(), "listing the network addresses", [&](const NetlinkMessage& message) {
        if (auto address = parse_link_address(message)) (address->ipv6 ? ipv6 : addresses).push_back(*address);
      });
  if (!listed) return listed.failure();
  addresses.insert(addresses.end(), ipv6.begin(), ipv6.end());
  return addresses;
}

Result<std::vector<LinkAddress>> Links::addresses() {
  auto addresses = addresses_of_all_states();
  if (addresses)
    std::erase_if(*addresses, [](const LinkAddress& address) { return address.state != AddressState::ready; });
  return addresses;
}

Status Links::set_up(const Link& link) {
  return socket_.request(set_up_request(link, true), "bringing up " + link.name);
}

Status Links::set_down(const Link& link) {
  return socket_.request(set_up_request(link, false), "bringing down " + link.name);
}

Status Links::set_mtu(const Link& link, int mtu) {
  return socket_.request(set_mtu_request(link, mtu), "setting the MTU of " + link.name + " to " + std::to_string(mtu));
}

Status Links::set_mac(const Link& link, const std::string& mac) {
  return socket_.request(set_mac_request(link, mac), "giving " + link.name + " the MAC address " + mac);
}

Status Links::make_bond(const std::string& name, const BondOptions& options) {
  auto request = make_bond_request(name, options);
  const std::string doing = "making the bond " + name;
  if (!request) return Failure{doing + ": " + request.error()};
  Status made = socket_.request(*request, doing);
  if (made || made.failure().number != EEXIST || !remove_unused_bond(name)) return made;
  return socket_.request(*request, doing);
}

/// False: there is none, or it is in use.
bool Links::remove_unused_bond(const std::string& name) {
  const auto all = list();
  if (!all) return false;
  for (const Link& link : *all) {
    if (link.name != name) continue;
    const bool used = std::ranges::any_of(*all, [&](const Link& other) { return other.master == link.index; });
    return link.kind == "bond" && !link.up && !used && remove_link(link);
  }
  return false;
}

Status Links::make_vlan(const Link& parent, int id, const std::string& name) {
  return socket_.request(make_vlan_request(parent, id, name),
                         "making the VLAN " + name + " (" + std::to_string(id) + " on " + parent.name + ")");
}

Status Links::make_bridge(const std::string& name) {
  return socket_.request(make_bridge_request(name), "making the bridge " + name);
}

Status Links::enslave(const Link& member, const Link& master) {
  return socket_.request(set_master_request(member, master), "adding " + member.name + " to " + master.name);
}

Status Links::remove_link(const Link& link) {
  return socket_.request(remove_link_request(link), "removing " + link.name);
}

Status Links::add_address(const Link& link, const Prefix& address) {
  return socket_.request(add_address_request(link, address),
                         "giving " + link.name + " the address " + to_text(address));
}

Status Links::remove_address(const Link& link, const Prefix& address) {
  return socket_.request(remove_address_request(link, address),
                         "taking the address " + to_text(address) + " from " + link.name);
}

Status Links::add_route(const Link& link, const Route& route, const Prefix& own, std::uint32_t metric,
                        std::uint32_t table) {
  return socket_.request(add_route_request(link, {route, own, metric, table}),
                         "setting the route to " + to_text(route.to) + " through " + link.name);
}

Status Links::remove_route(const Link& link, const Route& route, std::uint32_t metric, std::uint32_t table) {
  return socket_.request(remove_route_request(link, {route, {}, metric, table}),
                         "removing the route to " + to_text(route.to) + " through " + link.name);
}

Status Links::router_routes(const std::function<void(const RouterRoute&)>& use) {
  return socket_.dump(list_ipv6_routes_request(), "listing the IPv6 routes", [&](const NetlinkMessage& message) {
    if (auto route = parse_router_route(message)) use(*route);
  });
}

Status Links::add_rule(const Address& from, std::uint32_t table) {
  Status added = socket_.request(add_rule_request(from, table),
                                 "having packets from " + to_text(from) + " go by table " + std::to_string(table));
  if (!added && added.failure().number == EEXIST) return Done{};
  return added;
}

Status Links::remove_rule(const Address& from, std::uint32_t table) {
  return socket_.request(remove_rule_request(from, table),
                         "having packets from " + to_text(from) + " go by table " + std::to_string(table) + " no more");
}

Status Links::ask_neighbour(const Link& link, const Address& address) {
  return socket_.request(ask_neighbour_request(link, address), "asking for " + to_text(address) + " on " + link.name);
}

Result<Neighbour> Links::neighbour(const Link& link, const Address& address) {
  Neighbour state = Neighbour::unknown;
  Status listed = socket_.dump(list_neighbours_request(link, address), "listing the neighbours on " + link.name,
                               [&](const NetlinkMessage& message) {
                                 if (auto known = parse_neighbour(message, link, address)) state = *known;
                               });
  if (!listed) return listed.failure();
  return state;
}

}  // namespace lifeboat::init
