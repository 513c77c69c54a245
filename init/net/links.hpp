#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "init/net/lease.hpp"
#include "init/sys/netlink.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// A network interface as the kernel has it now.
struct Link {
  int index = 0;
  std::string name;
  std::string mac;  ///< "52:54:00:12:34:56"; empty for one without
  bool up = false;
  bool carrier = false;
  bool loopback = false;
  bool ethernet = false;  ///< ARPHRD_ETHER: what DHCP speaks on (bridges and the like too)
  int mtu = 0;
};

/// An address of an interface that others can reach it at.
struct LinkAddress {
  int index = 0;
  std::string text;  ///< "10.0.2.15", "fec0::5054:ff:fe12:3456"
  int prefix_length = 0;
  bool ipv6 = false;
  bool link_local = false;  ///< IPv6 fe80::/10: usable on its own link alone
  bool operator==(const LinkAddress&) const = default;
};

/// rtnetlink: asks the kernel for links and addresses, and sets them. Each call is one exchange with the kernel.
class Links {
 public:
  static Result<Links> open();

  Result<std::vector<Link>> list();
  /// Those that are ready to use (not tentative), without IPv4 link-local and loopback ones; IPv4 first.
  Result<std::vector<LinkAddress>> addresses();

  Status set_up(const Link& link);
  Status set_mtu(const Link& link, int mtu);
  Status add_address(const Link& link, const Prefix& address);
  Status remove_address(const Link& link, const Prefix& address);
  /// A gateway outside of `own` is declared on-link, as clouds with /32 addresses need it.
  Status add_route(const Link& link, const Route& route, const Prefix& own, std::uint32_t metric);

 private:
  explicit Links(Netlink socket) : socket_(std::move(socket)) {}
  Netlink socket_;
};

}  // namespace lifeboat::init
