#include "init/net/link_requests.hpp"

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <charconv>

namespace lifeboat::init {
namespace {

constexpr std::uint16_t acknowledged = NLM_F_ACK;
constexpr std::uint16_t created = NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
constexpr std::uint16_t made_new = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
/// Our rules: before the main table's (32766), after the local one's (0).
constexpr std::uint32_t rule_priority = 1000;

std::uint8_t family_of(const Address& address) { return address.ipv6 ? AF_INET6 : AF_INET; }

std::uint32_t index_of(const Link& link) { return static_cast<std::uint32_t>(link.index); }

NetlinkRequest link_request(const Link& link, unsigned change = 0, unsigned flags = 0) {
  ifinfomsg body{};
  body.ifi_index = link.index;
  body.ifi_change = change;
  body.ifi_flags = flags;
  NetlinkRequest request(RTM_NEWLINK, acknowledged);
  request.body(body);
  return request;
}

/// A new link up to its IFLA_INFO_KIND: IFLA_LINKINFO begins at `info` and is still open.
NetlinkRequest new_link_request(const std::string& name, std::string_view kind, const Link* parent, std::size_t& info) {
  NetlinkRequest request(RTM_NEWLINK, made_new);
  request.body(ifinfomsg{}).attribute(IFLA_IFNAME, name);
  if (parent != nullptr) request.attribute(IFLA_LINK, index_of(*parent));
  info = request.begin_nested(IFLA_LINKINFO);
  request.attribute(IFLA_INFO_KIND, kind);
  return request;
}

NetlinkRequest address_request(std::uint16_t type, std::uint16_t flags, const Link& link, const Prefix& address) {
  ifaddrmsg body{};
  body.ifa_family = family_of(address.address);
  body.ifa_prefixlen = static_cast<std::uint8_t>(address.length);
  body.ifa_index = index_of(link);
  if (!address.address.ipv6 && is_link_local(address.address)) body.ifa_scope = RT_SCOPE_LINK;
  NetlinkRequest request(type, flags);
  request.body(body).attribute(IFA_LOCAL, address.address.view());
  return request;
}

/// The last address of an IPv4 network.
Address broadcast_of(const Prefix& prefix) {
  Address last = prefix.address;
  for (int bit = prefix.length; bit < last.bits(); ++bit)
    last.bytes[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
  return last;
}

/// An IPv6 link-local gateway is on the link without a word.
bool is_outside(const Address& gateway, const Prefix& own) {
  return !gateway.is_none() && !(gateway.ipv6 && is_link_local(gateway)) && !contains(own, gateway);
}

/// Table numbers above 255 do not fit the old field; the attribute counts then.
std::uint8_t short_table(std::uint32_t table) {
  return table < 256 ? static_cast<std::uint8_t>(table) : static_cast<std::uint8_t>(RT_TABLE_UNSPEC);
}

NetlinkRequest route_request(std::uint16_t type, std::uint16_t flags, const Link& link, const TableRoute& entry) {
  const Route& route = entry.route;
  const bool direct = route.gateway.is_none();
  rtmsg body{};
  body.rtm_family = family_of(route.to.address);
  body.rtm_dst_len = static_cast<std::uint8_t>(route.to.length);
  body.rtm_table = short_table(entry.table);
  body.rtm_protocol = RTPROT_DHCP;
  body.rtm_scope = direct && !route.to.address.ipv6 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  body.rtm_type = RTN_UNICAST;
  if (is_outside(route.gateway, entry.own)) body.rtm_flags = RTNH_F_ONLINK;
  NetlinkRequest request(type, flags);
  request.body(body);
  if (route.to.length > 0) request.attribute(RTA_DST, network_of(route.to).view());
  if (!direct) request.attribute(RTA_GATEWAY, route.gateway.view());
  request.attribute(RTA_OIF, index_of(link));
  request.attribute(RTA_PRIORITY, route.metric != 0 ? route.metric : entry.metric);
  if (entry.table > 255) request.attribute(RTA_TABLE, entry.table);
  return request;
}

NetlinkRequest rule_request(std::uint16_t type, std::uint16_t flags, const Address& from, std::uint32_t table) {
  fib_rule_hdr body{};
  body.family = family_of(from);
  body.src_len = static_cast<std::uint8_t>(from.bits());
  body.table = short_table(table);
  body.action = FR_ACT_TO_TBL;
  NetlinkRequest request(type, flags);
  request.body(body).attribute(FRA_SRC, from.view());
  request.attribute(FRA_PRIORITY, rule_priority).attribute(FRA_TABLE, table);
  return request;
}

}  // namespace

NetlinkRequest list_links_request() {
  NetlinkRequest request(RTM_GETLINK, NLM_F_DUMP);
  request.body(ifinfomsg{});
  return request;
}

NetlinkRequest list_addresses_request() {
  NetlinkRequest request(RTM_GETADDR, NLM_F_DUMP);
  request.body(ifaddrmsg{});
  return request;
}

NetlinkRequest list_ipv6_routes_request() {
  rtmsg body{};
  body.rtm_family = AF_INET6;
  NetlinkRequest request(RTM_GETROUTE, NLM_F_DUMP);
  request.body(body);
  return request;
}

NetlinkRequest list_neighbours_request(const Link& link, const Address& address) {
  ndmsg body{};
  body.ndm_family = family_of(address);
  NetlinkRequest request(RTM_GETNEIGH, NLM_F_DUMP);
  request.body(body).attribute(NDA_IFINDEX, index_of(link));
  return request;
}

NetlinkRequest set_up_request(const Link& link, bool up) {
  constexpr unsigned flag = IFF_UP;
  return link_request(link, flag, up ? flag : 0U);
}

NetlinkRequest set_mtu_request(const Link& link, int mtu) {
  NetlinkRequest request = link_request(link);
  request.attribute(IFLA_MTU, static_cast<std::uint32_t>(mtu));
  return request;
}

NetlinkRequest set_mac_request(const Link& link, const std::string& mac) {
  std::string bytes;
  for (std::size_t at = 0; at + 2 <= mac.size(); at += 3) {
    unsigned byte = 0;
    std::from_chars(mac.data() + at, mac.data() + at + 2, byte, 16);
    bytes += static_cast<char>(byte);
  }
  NetlinkRequest request = link_request(link);
  request.attribute(IFLA_ADDRESS, bytes);
  return request;
}

NetlinkRequest set_master_request(const Link& member, const Link& master) {
  NetlinkRequest request = link_request(member);
  request.attribute(IFLA_MASTER, index_of(master));
  return request;
}

Result<NetlinkRequest> make_bond_request(const std::string& name, const BondOptions& options) {
  std::size_t info = 0;
  NetlinkRequest request = new_link_request(name, "bond", nullptr, info);
  const std::size_t data = request.begin_nested(IFLA_INFO_DATA);
  if (Status added = add_bond_options(request, options); !added) return added.failure();
  request.end_nested(data);
  request.end_nested(info);
  return request;
}

NetlinkRequest make_vlan_request(const Link& parent, int id, const std::string& name) {
  std::size_t info = 0;
  NetlinkRequest request = new_link_request(name, "vlan", &parent, info);
  const std::size_t data = request.begin_nested(IFLA_INFO_DATA);
  const auto number = static_cast<std::uint16_t>(id);
  request.attribute(IFLA_VLAN_ID, &number, sizeof number);
  request.end_nested(data);
  request.end_nested(info);
  return request;
}

NetlinkRequest make_bridge_request(const std::string& name) {
  std::size_t info = 0;
  NetlinkRequest request = new_link_request(name, "bridge", nullptr, info);
  request.end_nested(info);
  return request;
}

NetlinkRequest remove_link_request(const Link& link) {
  ifinfomsg body{};
  body.ifi_index = link.index;
  NetlinkRequest request(RTM_DELLINK, acknowledged);
  request.body(body);
  return request;
}

NetlinkRequest add_address_request(const Link& link, const Prefix& address) {
  NetlinkRequest request = address_request(RTM_NEWADDR, created, link, address);
  request.attribute(IFA_ADDRESS, address.address.view());
  if (!address.address.ipv6 && address.length < 31) request.attribute(IFA_BROADCAST, broadcast_of(address).view());
  return request;
}

NetlinkRequest remove_address_request(const Link& link, const Prefix& address) {
  return address_request(RTM_DELADDR, acknowledged, link, address);
}

NetlinkRequest add_route_request(const Link& link, const TableRoute& entry) {
  return route_request(RTM_NEWROUTE, created, link, entry);
}

NetlinkRequest remove_route_request(const Link& link, const TableRoute& entry) {
  return route_request(RTM_DELROUTE, acknowledged, link, entry);
}

NetlinkRequest add_rule_request(const Address& from, std::uint32_t table) {
  return rule_request(RTM_NEWRULE, made_new, from, table);
}

NetlinkRequest remove_rule_request(const Address& from, std::uint32_t table) {
  return rule_request(RTM_DELRULE, acknowledged, from, table);
}

NetlinkRequest ask_neighbour_request(const Link& link, const Address& address) {
  ndmsg body{};
  body.ndm_family = family_of(address);
  body.ndm_ifindex = link.index;
  body.ndm_state = NUD_PROBE;
  body.ndm_flags = NTF_USE;
  NetlinkRequest request(RTM_NEWNEIGH, created);
  request.body(body).attribute(NDA_DST, address.view());
  return request;
}

}  // namespace lifeboat::init
