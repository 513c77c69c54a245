#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "init/net/plan.hpp"

namespace lifeboat::init {

/// A network plan in the making, from a document's texts. Whatever is no good is left out, with a note that says which
/// link's value it was. No document can make it grow beyond the plan's bounds.
class PlanDraft {
 public:
  PlanDraft() { plan_.links.reserve(most_planned_links); }  // so that references to links stay good
  PlanDraft(const PlanDraft&) = delete;
  PlanDraft& operator=(const PlanDraft&) = delete;

  /// The link of this id; at first a card of this kernel name.
  PlannedLink& link(std::string_view id);
  /// The card of this kernel name or, where it is a MAC address, of that one.
  PlannedLink& card(std::string_view name_or_mac);
  PlannedLink* find(std::string_view id);
  const std::vector<PlannedLink>& links() const { return plan_.links; }

  /// "ADDRESS/LENGTH", or ADDRESS with a mask or length beside it. With neither IPv4's classes count, and 64.
  void add_address(PlannedLink& link, std::string_view address, std::string_view mask = {});
  /// `to`: "default", "ADDRESS/LENGTH", or an address, with a mask beside it or alone (one host). An empty gateway: the
  /// network is on the link. An empty metric: the interface's own.
  void add_route(PlannedLink& link, std::string_view to, std::string_view gateway, std::string_view metric = {},
                 std::string_view mask = {});
  void add_gateway(PlannedLink& link, std::string_view gateway) { add_route(link, "default", gateway); }
  /// What stands behind `ip route add`: "10.0.0.0/8 via 10.0.0.1 dev eth0 metric 5". Of another table: left out.
  void add_ip_route(PlannedLink& link, std::string_view words);
  /// Of a link or, with nullptr, of the whole machine; separated by blanks, ',' or ';'.
  void add_dns(PlannedLink* link, std::string_view servers);
  void add_search(PlannedLink* link, std::string_view domains);
  void set_mtu(PlannedLink& link, std::string_view mtu);
  void set_mac(PlannedLink& link, std::string_view mac);
  /// A bond's, by its name in sysfs.
  void add_option(PlannedLink& link, std::string_view name, std::string_view value);
  /// Makes `link` one of that kind with the members named there; they become links as well.
  void add_members(PlannedLink& link, LinkKind kind, std::string_view names);
  /// Makes `link` a VLAN. An empty parent or id is read from a name such as "eth0.5", "vlan5".
  void set_vlan(PlannedLink& link, std::string_view parent, std::string_view id);

  /// "eth0: WHAT is left out: "VALUE"".
  void leave_out(std::string_view link, std::string_view what, std::string_view value);
  void note(std::string text);

  /// Checked as a whole (check_plan()); the draft is spent.
  NetworkPlan finish();

 private:
  NetworkPlan plan_;
  PlannedLink beyond_;  ///< takes what is said of links beyond the most
};

}  // namespace lifeboat::init
