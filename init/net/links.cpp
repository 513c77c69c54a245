#include "init/net/links.hpp"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <optional>

namespace lifeboat::init {
namespace {

constexpr std::uint16_t acknowledged = NLM_F_ACK;
constexpr std::uint16_t created = NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
constexpr unsigned lower_up = 1U << 16;  // IFF_LOWER_UP

template <class Body>
std::optional<Body> body_of(std::string_view payload) {
  Body body{};
  if (payload.size() < sizeof body) return std::nullopt;
  std::memcpy(&body, payload.data(), sizeof body);
  return body;
}

std::string mac_text(std::string_view bytes) {
  std::string text;
  for (char byte : bytes) {
    char pair[4];
    std::snprintf(pair, sizeof pair, "%s%02x", text.empty() ? "" : ":", static_cast<unsigned char>(byte));
    text += pair;
  }
  return text;
}

std::optional<Link> parse_link(const NetlinkMessage& message) {
  const auto body = body_of<ifinfomsg>(message.payload);
  if (message.type != RTM_NEWLINK || !body) return std::nullopt;
  Link link;
  link.index = body->ifi_index;
  link.up = (body->ifi_flags & IFF_UP) != 0;
  link.carrier = (body->ifi_flags & lower_up) != 0;
  link.loopback = (body->ifi_flags & IFF_LOOPBACK) != 0;
  link.ethernet = body->ifi_type == ARPHRD_ETHER;
  each_attribute(message.payload, sizeof(ifinfomsg), [&](std::uint16_t type, std::string_view value) {
    if (type == IFLA_IFNAME) link.name = value.substr(0, value.find('\0'));
    if (type == IFLA_ADDRESS) link.mac = mac_text(value);
    if (type == IFLA_MTU) link.mtu = static_cast<int>(body_of<std::uint32_t>(value).value_or(0));
  });
  return link;
}

/// IFA_LOCAL is the own address where both are given (point to point); IPv6 has IFA_ADDRESS alone.
std::optional<LinkAddress> parse_address(const NetlinkMessage& message) {
  const auto body = body_of<ifaddrmsg>(message.payload);
  if (message.type != RTM_NEWADDR || !body || body->ifa_scope > RT_SCOPE_LINK) return std::nullopt;
  std::uint32_t flags = body->ifa_flags;
  std::string local, peer;
  each_attribute(message.payload, sizeof(ifaddrmsg), [&](std::uint16_t type, std::string_view value) {
    if (type == IFA_LOCAL) local = value;
    if (type == IFA_ADDRESS) peer = value;
    if (type == IFA_FLAGS) flags = body_of<std::uint32_t>(value).value_or(0);
  });
  const std::string& bytes = local.empty() ? peer : local;
  const bool ipv6 = body->ifa_family == AF_INET6, link_local = body->ifa_scope == RT_SCOPE_LINK;
  if (link_local && !ipv6) return std::nullopt;
  if ((flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) != 0 || bytes.size() != (ipv6 ? 16U : 4U)) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(body->ifa_family, bytes.data(), text.data(), text.size());
  return LinkAddress{static_cast<int>(body->ifa_index), text.data(), body->ifa_prefixlen, ipv6, link_local};
}

int family_of(const Address& address) { return address.ipv6 ? AF_INET6 : AF_INET; }

ifaddrmsg address_body(const Link& link, const Prefix& address) {
  ifaddrmsg body{};
  body.ifa_family = static_cast<unsigned char>(family_of(address.address));
  body.ifa_prefixlen = static_cast<unsigned char>(address.length);
  body.ifa_index = static_cast<std::uint32_t>(link.index);
  return body;
}

/// The last address of an IPv4 network.
Address broadcast_of(const Prefix& prefix) {
  Address last = prefix.address;
  for (int bit = prefix.length; bit < last.bits(); ++bit)
    last.bytes[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
  return last;
}

ifinfomsg link_body(const Link& link) {
  ifinfomsg body{};
  body.ifi_index = link.index;
  return body;
}

}  // namespace

Result<Links> Links::open() {
  auto socket = Netlink::open(NETLINK_ROUTE, 0);
  if (!socket) return socket.failure();
  return Links(std::move(*socket));
}

Result<std::vector<Link>> Links::list() {
  std::vector<Link> links;
  NetlinkRequest request(RTM_GETLINK, NLM_F_DUMP);
  request.body(ifinfomsg{});
  Status listed = socket_.dump(request, "listing the network interfaces", [&](const NetlinkMessage& message) {
    if (auto link = parse_link(message)) links.push_back(*link);
  });
  if (!listed) return listed.failure();
  return links;
}

Result<std::vector<LinkAddress>> Links::addresses() {
  std::vector<LinkAddress> addresses;
  NetlinkRequest request(RTM_GETADDR, NLM_F_DUMP);
  request.body(ifaddrmsg{});
  Status listed = socket_.dump(request, "listing the network addresses", [&](const NetlinkMessage& message) {
    if (auto address = parse_address(message)) addresses.push_back(*address);
  });
  if (!listed) return listed.failure();
  std::ranges::stable_sort(addresses, {}, &LinkAddress::ipv6);
  return addresses;
}

Status Links::set_up(const Link& link) {
  ifinfomsg body = link_body(link);
  body.ifi_flags = IFF_UP;
  body.ifi_change = IFF_UP;
  NetlinkRequest request(RTM_NEWLINK, acknowledged);
  return socket_.request(request.body(body), "bringing up " + link.name);
}

Status Links::set_mtu(const Link& link, int mtu) {
  NetlinkRequest request(RTM_NEWLINK, acknowledged);
  request.body(link_body(link)).attribute(IFLA_MTU, static_cast<std::uint32_t>(mtu));
  return socket_.request(request, "setting the MTU of " + link.name + " to " + std::to_string(mtu));
}

Status Links::add_address(const Link& link, const Prefix& address) {
  NetlinkRequest request(RTM_NEWADDR, created);
  request.body(address_body(link, address)).attribute(IFA_LOCAL, address.address.view());
  request.attribute(IFA_ADDRESS, address.address.view());
  if (!address.address.ipv6 && address.length < 31) request.attribute(IFA_BROADCAST, broadcast_of(address).view());
  return socket_.request(request, "giving " + link.name + " the address " + to_text(address));
}

Status Links::remove_address(const Link& link, const Prefix& address) {
  NetlinkRequest request(RTM_DELADDR, acknowledged);
  request.body(address_body(link, address)).attribute(IFA_LOCAL, address.address.view());
  return socket_.request(request, "taking the address " + to_text(address) + " from " + link.name);
}

Status Links::add_route(const Link& link, const Route& route, const Prefix& own, std::uint32_t metric) {
  const bool direct = route.gateway.is_none();
  rtmsg body{};
  body.rtm_family = static_cast<unsigned char>(family_of(route.to.address));
  body.rtm_dst_len = static_cast<unsigned char>(route.to.length);
  body.rtm_table = RT_TABLE_MAIN;
  body.rtm_protocol = RTPROT_DHCP;
  body.rtm_scope = direct && !route.to.address.ipv6 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  body.rtm_type = RTN_UNICAST;
  if (!direct && !contains(own, route.gateway)) body.rtm_flags = RTNH_F_ONLINK;
  NetlinkRequest request(RTM_NEWROUTE, created);
  request.body(body);
  if (route.to.length > 0) request.attribute(RTA_DST, network_of(route.to).view());
  if (!direct) request.attribute(RTA_GATEWAY, route.gateway.view());
  request.attribute(RTA_OIF, static_cast<std::uint32_t>(link.index)).attribute(RTA_PRIORITY, metric);
  return socket_.request(request, "setting the route to " + to_text(route.to) + " through " + link.name);
}

}  // namespace lifeboat::init
