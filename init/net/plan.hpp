#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "init/net/address.hpp"
#include "init/net/lease.hpp"

namespace lifeboat::init {

enum class LinkKind : std::uint8_t { card, bond, vlan, bridge };

/// What DHCPv6 is asked for: nothing, names alone (RA's O flag), an address as well (its M flag), or as the router
/// says.
enum class Dhcpv6 : std::uint8_t { by_router, none, stateless, stateful };

/// One interface as a document wants it.
struct PlannedLink {
  std::string id = {};  ///< as the document's other links name it; each once
  LinkKind kind = LinkKind::card;
  /// A card: whose permanent address this is ("52:54:00:12:34:56"). Of others: the address to give; empty: the
  /// kernel's.
  std::string mac = {};
  /// A card without `mac`: its kernel name, with '*' as wildcard; of one with `mac` unused. Of others: the name to
  /// make.
  std::string name = {};
  int mtu = 0;                                                    ///< 0: not given
  std::uint32_t metric = 0;                                       ///< of routes without one; 0: by the card's order
  std::vector<std::string> members = {};                          ///< ids; of a bond or bridge
  std::string parent = {};                                        ///< id; of a vlan
  int vlan_id = 0;                                                ///< 1 to 4094
  std::vector<std::pair<std::string, std::string>> options = {};  ///< of a bond, as in sysfs: {"mode", "802.3ad"}

  bool dhcp4 = false;
  Dhcpv6 dhcp6 = Dhcpv6::by_router;
  std::optional<bool> accept_ra = {};  ///< nothing: router advertisements count
  std::vector<Prefix> addresses = {};
  std::vector<Route> routes = {};
  std::vector<Address> dns = {};
  std::vector<std::string> search = {};

  bool operator==(const PlannedLink&) const = default;
};

/// A network configuration, whatever document it came from; every value checked by who made it. Links that others are
/// made of come first.
struct NetworkPlan {
  std::vector<PlannedLink> links;
  std::vector<Address> dns;
  std::vector<std::string> search;
  std::vector<std::string> notes;  ///< what was left out, and why: report lines

  bool is_empty() const { return links.empty() && dns.empty() && search.empty(); }
  bool operator==(const NetworkPlan&) const = default;
};

/// Most links of one plan, and most addresses, routes, servers or domains of one link. What is beyond is noted.
inline constexpr std::size_t most_planned_links = 64;
inline constexpr std::size_t most_planned_values = 64;

/// Lines "key=value", a line "link=ID" before each link's: what a worker hands to PID 1.
std::string to_text(const NetworkPlan& plan);
/// Nothing where any line is broken, or a name or id is none that the kernel takes.
std::optional<NetworkPlan> parse_plan(std::string_view text);

/// Puts members and parents before what is made of them. What is made of links that are not there, of itself, or of
/// another's members is taken out with a note.
void check_plan(NetworkPlan& plan);

}  // namespace lifeboat::init
