#include "init/source/network_data.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "init/source/plan_builder.hpp"

namespace lifeboat::init {
namespace {

/// How the host makes the card is nothing to the guest; "" is null, as some write it.
constexpr std::array<std::string_view, 13> card_types{"",         "phy",    "bridge",   "dvs",       "hw_veb",
                                                      "hyperv",   "ovs",    "tap",      "vhostuser", "vif",
                                                      "ethernet", "bgpovs", "cascading"};

void read_bond(const Json& value, PlannedLink& link, PlanBuilder& builder) {
  builder.add_members(link, member(value, "bond_links"));
  for (const auto& [name, option] : fields_of(value))
    if (name.starts_with("bond_") && name != "bond_links") builder.add_bond_option(link, name, option);
}

void read_vlan(const Json& value, PlannedLink& link, PlanBuilder& builder) {
  link.parent = scalar_of(member(value, "vlan_link"));
  builder.set_vlan_id(link, member(value, "vlan_id"));
  builder.set_mac(link, member(value, "vlan_mac_address"));
}

void read_link(const Json& value, PlanBuilder& builder) {
  const std::string type = scalar_of(member(value, "type"));
  const LinkKind kind = type == "bond" ? LinkKind::bond : type == "vlan" ? LinkKind::vlan : LinkKind::card;
  PlannedLink* link = builder.add_link(scalar_of(member(value, "id")), kind);
  if (link == nullptr) return;
  if (kind == LinkKind::card && std::ranges::find(card_types, type) == card_types.end())
    builder.note(*link, "the type " + in_quotes(type) + " is not known: it is taken for a network card");
  builder.set_mac(*link, member(value, "ethernet_mac_address"));
  builder.set_mtu(*link, member(value, "mtu"));
  builder.set_name(*link, scalar_of(member(value, "name")));
  if (kind == LinkKind::bond) read_bond(value, *link, builder);
  if (kind == LinkKind::vlan) read_vlan(value, *link, builder);
}

void read_services(const Json& services, std::vector<Address>& into, PlanBuilder& builder) {
  for (const Json* service : values_of(services))
    if (scalar_of(member(*service, "type")) == "dns") builder.add_dns(into, member(*service, "address"));
}

void read_static(const Json& network, bool ipv6, PlannedLink& link, PlanBuilder& builder) {
  const Json& address = member(network, "ip_address");
  if (scalar_of(address).empty()) builder.note(link, "a network without an address");
  builder.add_address(link, address, member(network, "netmask"));
  if (ipv6 && !link.accept_ra) link.accept_ra = false;
}

/// The address is of no use beside a way to get it: servers and routers give the same one.
void read_method(const Json& network, PlannedLink& link, PlanBuilder& builder) {
  const std::string type = scalar_of(member(network, "type"));
  if (type == "ipv4_dhcp") {
    link.dhcp4 = true;
  } else if (type == "ipv6_dhcp" || type == "ipv6_dhcpv6-stateful") {
    builder.use_dhcp6(link, Dhcpv6::stateful);
  } else if (type == "ipv6_dhcpv6-stateless") {
    builder.use_dhcp6(link, Dhcpv6::stateless);
  } else if (type == "ipv6_slaac") {
    link.accept_ra = true;
  } else {
    if (type != "ipv4" && type != "ipv6") builder.note(link, "the network's type " + in_quotes(type) + " is not known");
    read_static(network, type == "ipv6", link, builder);
  }
}

void read_network(const Json& network, PlanBuilder& builder) {
  const std::string id = scalar_of(member(network, "link"));
  PlannedLink* link = builder.find_link(id);
  if (link == nullptr) return builder.note("a network is left out: its link " + in_quotes(id) + " is not there");
  read_method(network, *link, builder);
  builder.add_gateway(*link, member(network, "gateway"), Json());
  for (const Json* route : values_of(member(network, "routes"))) {
    builder.add_route(*link, {.to = member(*route, "network"),
                              .mask = member(*route, "netmask"),
                              .via = member(*route, "gateway"),
                              .metric = member(*route, "metric")});
    read_services(member(*route, "services"), link->dns, builder);
  }
  read_services(member(network, "services"), link->dns, builder);
}

void read_document(const Json& document, PlanBuilder& builder) {
  for (const Json* link : values_of(member(document, "links"))) read_link(*link, builder);
  for (const Json* network : values_of(member(document, "networks"))) read_network(*network, builder);
  read_services(member(document, "services"), builder.plan().dns, builder);
}

}  // namespace

Result<NetworkPlan> parse_network_data(std::string_view json) {
  return read_plan(json, "network_data.json", parse_json, read_document);
}

}  // namespace lifeboat::init
