#pragma once
#include <optional>

#include "init/net/address.hpp"
#include "init/net/link.hpp"
#include "init/sys/netlink.hpp"

namespace lifeboat::init {

/// What the kernel says in RTM_NEWLINK. Nothing for every other message; what an attribute does not say stays as it is
/// without it.
std::optional<Link> parse_link(const NetlinkMessage& message);

/// RTM_NEWADDR; nothing for IPv4's link-local and loopback addresses.
std::optional<LinkAddress> parse_link_address(const NetlinkMessage& message);

/// RTM_NEWROUTE; nothing for every route but IPv6's default ones of router advertisements.
std::optional<RouterRoute> parse_router_route(const NetlinkMessage& message);

/// RTM_NEWNEIGH; nothing where it is about another address or another link.
std::optional<Neighbour> parse_neighbour(const NetlinkMessage& message, const Link& link, const Address& address);

}  // namespace lifeboat::init
