#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "init/net/assignment.hpp"
#include "init/net/built_links.hpp"
#include "init/net/heard_names.hpp"
#include "init/net/links.hpp"
#include "init/net/plan.hpp"
#include "init/net/resolver.hpp"
#include "init/net/router_options.hpp"
#include "init/net/wish.hpp"
#include "init/sys/folder_watch.hpp"
#include "init/sys/loop.hpp"
#include "init/sys/service.hpp"

namespace lifeboat::init {

/// A default gateway, and whether it answers.
struct Gateway {
  Address address;
  Neighbour state = Neighbour::unknown;
  bool by_router = false;  ///< from router advertisements: the kernel set its route
};

/// One network card, or bond, VLAN or bridge of the plan, and what it got.
struct Interface {
  Link link;
  std::vector<LinkAddress> addresses;   ///< that are ready, without link-local ones
  std::vector<std::string> duplicates;  ///< IPv6 addresses that somebody else on the link has
  bool link_local = false;              ///< it has an IPv6 link-local address that is ready
  bool tentative = false;               ///< the kernel still asks whether anybody else has one of its addresses
  std::optional<Lease> lease;           ///< DHCPv4's, as it is set
  std::optional<Lease> lease6;          ///< DHCPv6's
  std::string origin;                   ///< where its configuration is from; empty: no document speaks of it
  bool member = false;                  ///< of a bond or bridge: no addresses of its own
  bool dhcp = false;                    ///< DHCPv4 is asked
  std::string dhcp6;                    ///< "", "stateless" or "stateful": what DHCPv6 is asked for
  std::vector<Gateway> gateways;
  HeardNames names;                     ///< from router advertisements
  std::vector<Address> routers;         ///< default gateways of router advertisements, as the kernel has them
  std::uint32_t metric = 0;             ///< of its routes: the first card has the smallest
  LinkSettings settings;                ///< what we have set on it
  unsigned plan = 0;                    ///< the plan by which the kernel was told about router advertisements
  std::vector<Address> silent;          ///< the plan's gateways that did not answer: their routes come last
  bool dhcp_beside_plan = false;        ///< none of a family answered: DHCP is asked as well
  std::size_t looks = 0;                ///< at the gateways that are still to come
  Clock::time_point carrier_since{};    ///< only with carrier
  Clock::time_point addressed_since{};  ///< only with addresses
};

/// Whether the card has a carrier and an IPv4 address, if only a link-local one.
bool can_send_ipv4(const Interface& card);

struct NetworkOptions {
  std::string busybox;       ///< for udhcpc
  std::string dhcp_script;   ///< our own binary under the name lifeboat-dhcp
  std::string dhcp6_client;  ///< our own binary under the name lifeboat-dhcp6
  std::string lease_folder;
  std::string resolv_conf;
  /// A card to which neither plan nor lease gives an IPv4 address gets a link-local one: the platform has no DHCP, and
  /// its metadata service is reached so.
  bool link_local_ipv4 = false;
  std::string sysfs = "/sys";  ///< a card has a `device` in its class/net; what software made has none
};

/// The names of a card's DHCP clients among the services.
std::string dhcp_service_name(const std::string& interface);
std::string dhcp6_service_name(const std::string& interface);

/// All cards, side by side: brought up, and configured as a plan says; where none speaks of a card, DHCPv4 while it has
/// a carrier (for as long as the system runs), IPv6 by router advertisements and DHCPv6 where they ask for it. The one
/// place that sets links, addresses, routes, MTU and resolv.conf.
class Network {
 public:
  /// `tell` takes lines for the report; `changed` is called whenever an address or a carrier came or went.
  Network(Loop& loop, Services& services, NetworkOptions options, std::function<void(const std::string&)> tell,
          std::function<void()> changed);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  Status start();
  /// DHCP waits for this, so that a document that is at hand goes first: a card that it makes a member of a bond takes
  /// no address out of a pool. It begins by itself some seconds after start().
  void begin_dhcp();
  /// In place of the plan before; the modules of its bonds, VLANs and bridges are loaded. `origin` is for people.
  void take_plan(const NetworkPlan& plan, const std::string& origin);
  /// Of the plan in force; empty without one.
  const std::string& plan_origin() const { return origin_; }
  /// Cards of the plan that this machine does not have, as the plan calls them.
  std::vector<std::string> missing_cards() const;

  /// Every card's lease is asked for anew: of the server that gave it, and at the next call, where that one kept
  /// silent, of any. For machines that are moved to another network without a word (Ironic).
  void renew();

  /// Every card with a carrier has an address, or waiting longer makes little sense: some seconds after the first
  /// address, or where there is no carrier or no card at all. The caller has the last bound.
  bool settled() const;
  std::vector<Interface> interfaces() const;
  /// Of all cards, IPv4 first.
  std::vector<std::string> addresses() const;

 private:
  void refresh_soon();
  void refresh();
  void take_all();
  void know_cards(const std::vector<Link>& links);
  std::vector<Link> build_links(std::vector<Link> links);
  void take_links(const std::vector<Link>& links);
  void take_link(const Link& link);
  void take_addresses(const std::vector<LinkAddress>& addresses);
  void take_routers();
  void take_router_names(const RouterNames& names);
  void expire_names();
  void configure(Interface& card);
  LinkWish make_wish_of(const Interface& card, const PlannedLink* plan) const;
  void configure_router_advertisements(const Interface& card, const PlannedLink* plan);
  void configure_dhcp(Interface& card, const PlannedLink* plan);
  void configure_dhcp6(Interface& card, const PlannedLink* plan);
  void watch_gateways(Interface& card);
  void look_at_gateways(const std::string& name);
  void take_silent_gateways(Interface& card);
  void start_dhcp(const std::string& name);
  void take_lease(const std::string& file);
  void write_resolv_conf();
  void check(const Status& status);
  bool is_card(const Link& link) const;
  Names names_of_plan(const Interface& card) const;

  Loop& loop_;
  Services& services_;
  NetworkOptions options_;
  std::function<void(const std::string&)> tell_;
  std::function<void()> changed_;
  std::optional<Links> links_;
  std::optional<Netlink> events_;
  std::optional<FolderWatch> leases_;
  std::map<std::string, Interface> cards_;
  NetworkPlan given_;  ///< as the document has it
  NetworkPlan plan_;   ///< with its cards as they are known here
  std::vector<std::string> known_cards_;
  std::string origin_;
  bool dhcp_may_begin_ = false;
  unsigned plans_ = 0;  ///< how many there were
  Assignment assignment_;
  BuiltLinks built_;
  std::string resolv_conf_;  ///< as it was written last
  Clock::time_point started_{};
  Clock::time_point rest_until_{};  ///< what events bring waits for this
  Loop::Timer waiting_ = 0;         ///< for rest_until_
  Loop::Timer names_end_ = 0;       ///< the first of the routers' names is over then
};

}  // namespace lifeboat::init
