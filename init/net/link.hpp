#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "init/net/address.hpp"

namespace lifeboat::init {

/// A network interface as the kernel has it now.
struct Link {
  int index = 0;
  std::string name = {};
  std::string mac = {};            ///< "52:54:00:12:34:56"; empty for one without
  std::string permanent_mac = {};  ///< what the card was made with; where the kernel knows none: `mac`
  std::string kind = {};           ///< "bond", "vlan", "bridge" ...; empty for a card
  int master = 0;                  ///< index of the bond or bridge that it is a member of
  bool up = false;
  bool carrier = false;
  bool loopback = false;
  bool ethernet = false;    ///< ARPHRD_ETHER: what DHCP speaks on (bridges and the like too)
  bool ra_managed = false;  ///< a router advertisement came with the M flag: addresses by DHCPv6
  bool ra_other = false;    ///< with the O flag: names by DHCPv6
  int mtu = 0;
};

/// Whether somebody else on the link has an IPv6 address too (duplicate address detection). The kernel asks for a
/// second or so, in which nobody can use the address; one that is taken stays unused.
enum class AddressState : std::uint8_t { ready, tentative, duplicate };

/// An address of an interface that others can reach it at.
struct LinkAddress {
  int index = 0;
  std::string text;  ///< "10.0.2.15", "fec0::5054:ff:fe12:3456"
  int prefix_length = 0;
  bool ipv6 = false;
  bool link_local = false;  ///< IPv6 fe80::/10: usable on its own link alone
  AddressState state = AddressState::ready;
  bool operator==(const LinkAddress&) const = default;
};

/// A default route that the kernel made of a router advertisement.
struct RouterRoute {
  int index = 0;
  Address gateway;  ///< the router's link-local address
  bool operator==(const RouterRoute&) const = default;
};

/// What the kernel knows of a neighbour: whether it answers ARP or neighbour solicitations. `unknown`: not asked, or
/// not yet answered.
enum class Neighbour : std::uint8_t { unknown, reachable, silent };

}  // namespace lifeboat::init
