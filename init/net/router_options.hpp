#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "init/net/address.hpp"
#include "init/sys/netlink.hpp"

namespace lifeboat::init {

/// What one option of a router advertisement says of names.
struct RouterNames {
  int index = 0;              ///< the interface that it came by
  Address router;             ///< its link-local address; none where the kernel does not tell
  std::uint32_t seconds = 0;  ///< from now on; 0: no more, 0xffffffff: for ever
  std::vector<Address> dns;   ///< link-local ones too: whoever uses them must say the interface
  std::vector<std::string> search;
  bool operator==(const RouterNames&) const = default;
};

/// Most servers and domains of one option, and most options of one message.
inline constexpr std::size_t most_router_values = 16;

/// RTM_NEWNDUSEROPT (group RTNLGRP_ND_USEROPT): what the kernel has no use for of a router advertisement, checked.
/// Options 25 (RDNSS) and 31 (DNSSL) of RFC 8106, one entry each; empty for everything else and for what is broken.
std::vector<RouterNames> parse_router_options(const NetlinkMessage& message);

}  // namespace lifeboat::init
