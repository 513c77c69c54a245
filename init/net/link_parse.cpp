#include "init/net/link_parse.hpp"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>

#include <array>
#include <cstdio>
#include <cstring>

namespace lifeboat::init {
namespace {

constexpr unsigned lower_up = 1U << 16;  // IFF_LOWER_UP
// The kernel's net/if_inet6.h, which it does not give to programs.
constexpr unsigned ra_other_flag = 0x80;    // IF_RA_OTHERCONF
constexpr unsigned ra_managed_flag = 0x40;  // IF_RA_MANAGED
constexpr unsigned resolved = NUD_REACHABLE | NUD_PERMANENT | NUD_NOARP;

template <class Body>
std::optional<Body> body_of(std::string_view payload) {
  Body body{};
  if (payload.size() < sizeof body) return std::nullopt;
  std::memcpy(&body, payload.data(), sizeof body);
  return body;
}

std::uint32_t number_of(std::string_view value) { return body_of<std::uint32_t>(value).value_or(0); }

std::string mac_text(std::string_view bytes) {
  std::string text;
  for (char byte : bytes.substr(0, 32)) {
    char pair[4];
    std::snprintf(pair, sizeof pair, "%s%02x", text.empty() ? "" : ":", static_cast<unsigned char>(byte));
    text += pair;
  }
  return text;
}

/// The first attribute of that type among those in `attributes`; empty without one.
std::string_view find_attribute(std::string_view attributes, std::uint16_t wanted) {
  std::string_view found;
  each_attribute(attributes, 0, [&](std::uint16_t type, std::string_view value) {
    if ((type & NLA_TYPE_MASK) == wanted && found.data() == nullptr) found = value;
  });
  return found;
}

std::string text_of(std::string_view value) { return std::string(value.substr(0, value.find('\0'))); }

}  // namespace

std::optional<Link> parse_link(const NetlinkMessage& message) {
  const auto body = body_of<ifinfomsg>(message.payload);
  if (message.type != RTM_NEWLINK || !body) return std::nullopt;
  const std::string_view attributes = message.payload.substr(sizeof(ifinfomsg));
  const auto value = [&](std::uint16_t type) { return find_attribute(attributes, type); };
  const std::string_view ipv6 = find_attribute(value(IFLA_AF_SPEC), AF_INET6);
  const std::uint32_t router = number_of(find_attribute(ipv6, IFLA_INET6_FLAGS));
  Link link;
  link.index = body->ifi_index;
  link.name = text_of(value(IFLA_IFNAME));
  link.mac = mac_text(value(IFLA_ADDRESS));
  link.permanent_mac = mac_text(value(IFLA_PERM_ADDRESS));
  if (link.permanent_mac.empty()) link.permanent_mac = link.mac;
  link.kind = text_of(find_attribute(value(IFLA_LINKINFO), IFLA_INFO_KIND));
  link.master = static_cast<int>(number_of(value(IFLA_MASTER)));
  link.up = (body->ifi_flags & IFF_UP) != 0;
  link.carrier = (body->ifi_flags & lower_up) != 0;
  link.loopback = (body->ifi_flags & IFF_LOOPBACK) != 0;
  link.ethernet = body->ifi_type == ARPHRD_ETHER;
  link.ra_managed = (router & ra_managed_flag) != 0;
  link.ra_other = (router & ra_other_flag) != 0;
  link.mtu = static_cast<int>(number_of(value(IFLA_MTU)));
  return link;
}

/// IFA_LOCAL is the own address where both are given (point to point); IPv6 has IFA_ADDRESS alone.
std::optional<LinkAddress> parse_link_address(const NetlinkMessage& message) {
  const auto body = body_of<ifaddrmsg>(message.payload);
  if (message.type != RTM_NEWADDR || !body || body->ifa_scope > RT_SCOPE_LINK) return std::nullopt;
  const std::string_view attributes = message.payload.substr(sizeof(ifaddrmsg));
  const std::string_view local = find_attribute(attributes, IFA_LOCAL), wide = find_attribute(attributes, IFA_FLAGS);
  const std::string_view bytes = local.empty() ? find_attribute(attributes, IFA_ADDRESS) : local;
  const std::uint32_t flags = wide.empty() ? body->ifa_flags : number_of(wide);
  const bool ipv6 = body->ifa_family == AF_INET6, link_local = body->ifa_scope == RT_SCOPE_LINK;
  if ((link_local && !ipv6) || bytes.size() != (ipv6 ? 16U : 4U)) return std::nullopt;
  const AddressState state = (flags & IFA_F_DADFAILED) != 0   ? AddressState::duplicate
                             : (flags & IFA_F_TENTATIVE) != 0 ? AddressState::tentative
                                                              : AddressState::ready;
  const std::string text = to_text(Address::from_bytes(bytes));
  return LinkAddress{static_cast<int>(body->ifa_index), text, body->ifa_prefixlen, ipv6, link_local, state};
}

std::optional<RouterRoute> parse_router_route(const NetlinkMessage& message) {
  const auto body = body_of<rtmsg>(message.payload);
  if (message.type != RTM_NEWROUTE || !body || body->rtm_family != AF_INET6 || body->rtm_dst_len != 0 ||
      body->rtm_protocol != RTPROT_RA)
    return std::nullopt;
  const std::string_view attributes = message.payload.substr(sizeof(rtmsg));
  const std::string_view gateway = find_attribute(attributes, RTA_GATEWAY);
  const std::uint32_t index = number_of(find_attribute(attributes, RTA_OIF));
  if (gateway.size() != 16 || index == 0) return std::nullopt;
  return RouterRoute{static_cast<int>(index), Address::from_bytes(gateway)};
}

std::optional<Neighbour> parse_neighbour(const NetlinkMessage& message, const Link& link, const Address& address) {
  const auto body = body_of<ndmsg>(message.payload);
  if (message.type != RTM_NEWNEIGH || !body || body->ndm_ifindex != link.index) return std::nullopt;
  if (find_attribute(message.payload.substr(sizeof(ndmsg)), NDA_DST) != address.view()) return std::nullopt;
  if ((body->ndm_state & resolved) != 0) return Neighbour::reachable;
  return (body->ndm_state & NUD_FAILED) != 0 ? Neighbour::silent : Neighbour::unknown;
}

}  // namespace lifeboat::init
