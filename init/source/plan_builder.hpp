#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/net/plan.hpp"
#include "init/source/findings.hpp"
#include "init/source/json.hpp"
#include "init/source/plan_values.hpp"

namespace lifeboat::init {

/// The value as text: of a text, a whole number or a truth, without blanks around it; empty of anything else. JSON has
/// numbers where YAML, as it is read here, has texts.
std::string scalar_of(const Json& value);
/// true, yes, on, 1 and their contraries; nothing of anything else.
std::optional<bool> truth_of(const Json& value);
/// The elements of a list, or the one value itself; of null none. They live as long as the value.
std::vector<const Json*> values_of(const Json& value);
/// The named values of an object; of anything else none. They live as long as the value.
const std::map<std::string, Json, std::less<>>& fields_of(const Json& value);

/// A route as documents have it; what is null is not given.
struct RouteValues {
  const Json& to;      ///< "10.0.0.0", "10.0.0.0/8", "default"
  const Json& mask;    ///< as add_address has it
  const Json& via;     ///< null, "0.0.0.0" or "::": on the link itself
  const Json& metric;  ///< a number
  bool host = false;   ///< `to` without any mask is one machine; else /24 or /64
};

/// Puts a document's values into a plan: each is checked, each list bounded, what is left out is noted. Values that are
/// null or empty are passed over.
class PlanBuilder {
 public:
  PlanBuilder() { plan_.links.reserve(most_planned_links); }

  void note(const std::string& text);
  void note(const PlannedLink& link, const std::string& text) { note(link.id + ": " + text); }
  /// "ID: WHAT "VALUE" is left out".
  void note_left_out(const PlannedLink& link, const char* what, std::string_view value);

  /// nullptr, with a note, where the id is none or known already, or there are too many. Stays where it is.
  PlannedLink* add_link(const std::string& id, LinkKind kind);
  PlannedLink* find_link(std::string_view id);
  /// Whose own network the address is in.
  PlannedLink* find_link_to(const Address& address);

  void set_mac(PlannedLink& link, const Json& value);
  void set_mtu(PlannedLink& link, const Json& value);
  void set_metric(PlannedLink& link, const Json& value);
  void set_vlan_id(PlannedLink& link, const Json& value);
  /// A card's may have wildcards. Of others: finish() makes one where this is none that the kernel takes.
  void set_name(PlannedLink& link, const std::string& name);
  void add_members(PlannedLink& link, const Json& ids);
  /// A bond's, in the words of ENI, cloud-init, netplan or sysfs.
  void add_bond_option(PlannedLink& link, std::string_view name, const Json& value);

  /// Router advertisements count, and DHCPv6 is asked.
  void use_dhcp6(PlannedLink& link, Dhcpv6 how);
  /// `mask`: of the address without "/LENGTH": dotted, an IPv6 address, or a length. Without both: /24 or /64.
  void add_address(PlannedLink& link, const Json& address, const Json& mask);
  void add_gateway(PlannedLink& link, const Json& gateway, const Json& metric);
  void add_route(PlannedLink& link, const RouteValues& values);
  /// One, a list, or several in one text. `into`: of a link or of all.
  void add_dns(std::vector<Address>& into, const Json& value);
  void add_search(std::vector<std::string>& into, const Json& value);

  NetworkPlan& plan() { return plan_; }
  /// The plan as it is to be carried out. A link of which it is not said how it gets an address, and that no other is
  /// made of, asks DHCP: in a rescue an address too many is better than none.
  NetworkPlan finish();

 private:
  std::uint32_t metric_of(const Json& value);
  bool is_name_taken(std::string_view name) const;
  std::string make_name(const PlannedLink& link) const;
  void note_no_link(std::string_view id, const char* why);
  const char* trouble_of(const PlannedLink& link) const;
  void leave_out_missing_members(PlannedLink& link);
  void leave_out_useless();
  bool is_used(const PlannedLink& link) const;
  void settle_bond(PlannedLink& link);
  void ask_dhcp_where_idle();

  NetworkPlan plan_;
};

/// Parses a document and lets `read` take what it wants. A Failure that names the document; nothing is thrown.
Result<NetworkPlan> read_plan(std::string_view text, const std::string& document,
                              Result<Json> (*parse)(std::string_view text),
                              void (*read)(const Json& document, PlanBuilder& builder));
Result<Json> parse_json(std::string_view text);

/// The source's own notes say what became of a document without a plan in it.
void take_network(NetworkPlan plan, Findings& findings);
void take_network(Result<NetworkPlan> plan, Findings& findings);

}  // namespace lifeboat::init
