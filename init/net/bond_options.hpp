#pragma once
#include <string>
#include <utility>
#include <vector>

#include "init/sys/netlink.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// As sysfs has them under bonding/: {"mode", "802.3ad"}, {"miimon", "100"}; values by name or number.
using BondOptions = std::vector<std::pair<std::string, std::string>>;

/// The attributes of IFLA_INFO_DATA for a bond of these options. Those that the bond's mode has no use for are passed
/// over, as the kernel would refuse the bond for them; so are those that name a member (primary). Where nothing says
/// how members are watched, their carrier is, every 100 ms: the kernel's own "not at all" would leave the bond on a
/// dead member. A Failure names what is not known.
Status add_bond_options(NetlinkRequest& request, const BondOptions& options);

}  // namespace lifeboat::init
