// netplan's reference (netplan.readthedocs.io) and cloud-init's doc/rtd/reference/network-config-format-v2.rst.
#include "init/source/network_config_v2.hpp"

#include <array>
#include <nlohmann/json.hpp>

namespace lifeboat::init {
namespace {

struct Section {
  const char* name;
  LinkKind kind;
};
constexpr std::array<Section, 4> sections{{{"ethernets", LinkKind::card},
                                           {"bonds", LinkKind::bond},
                                           {"bridges", LinkKind::bridge},
                                           {"vlans", LinkKind::vlan}}};

/// Which card it is: by MAC where it is given, else by name, which is the id's where no match is.
void read_match(const Json& value, PlannedLink& link, PlanBuilder& builder) {
  const Json& match = member(value, "match");
  const std::string name = scalar_of(member(match, "name")), mac = scalar_of(member(match, "macaddress"));
  const bool by_driver = !member(match, "driver").is_null();
  builder.set_mac(link, member(match, "macaddress"));
  if (by_driver) builder.note(link, "cards are not matched by their driver");
  if (!match.is_object()) return builder.set_name(link, link.id);
  if (!name.empty()) return builder.set_name(link, name);
  if (match.empty()) builder.set_name(link, "*");
}

void read_card(const Json& value, PlannedLink& link, PlanBuilder& builder) {
  read_match(value, link, builder);
  if (!member(value, "set-name").is_null()) builder.note(link, "cards keep the kernel's name: set-name is passed over");
  if (!member(value, "macaddress").is_null()) builder.note(link, "cards keep their MAC address");
}

void read_made(const Json& value, PlannedLink& link, PlanBuilder& builder) {
  builder.set_name(link, link.id);
  builder.set_mac(link, member(value, "macaddress"));
  builder.add_members(link, member(value, "interfaces"));
  link.parent = scalar_of(member(value, "link"));
  builder.set_vlan_id(link, member(value, "id"));
  if (link.kind == LinkKind::bond)
    for (const auto& [name, option] : fields_of(member(value, "parameters")))
      builder.add_bond_option(link, name, option);
}

/// Either a text, or an object with the text as its one name: {"10.0.0.1/24": {"lifetime": 0}}.
void read_v2_addresses(const Json& addresses, PlannedLink& link, PlanBuilder& builder) {
  for (const Json* address : values_of(addresses)) {
    builder.add_address(link, *address, Json());
    for (const auto& [text, options] : fields_of(*address)) builder.add_address(link, text, Json());
  }
}

void read_v2_route(const Json& route, PlannedLink& link, PlanBuilder& builder) {
  const std::string type = scalar_of(member(route, "type")), table = scalar_of(member(route, "table"));
  if ((!type.empty() && type != "unicast") || (!table.empty() && table != "254"))
    return builder.note(
        link, "the route " + in_quotes(scalar_of(member(route, "to"))) + " of another table or type is left out");
  builder.add_route(link, {.to = member(route, "to"),
                           .mask = Json(),
                           .via = member(route, "via"),
                           .metric = member(route, "metric"),
                           .host = true});
}

void read_dhcp(const Json& value, PlannedLink& link, PlanBuilder& builder) {
  link.dhcp4 = truth_of(member(value, "dhcp4")).value_or(false);
  if (truth_of(member(value, "dhcp6")).value_or(false)) builder.use_dhcp6(link, Dhcpv6::stateful);
  if (const auto accept_ra = truth_of(member(value, "accept-ra"))) link.accept_ra = accept_ra;
  for (const char* overrides : {"dhcp6-overrides", "dhcp4-overrides"})
    builder.set_metric(link, member(member(value, overrides), "route-metric"));
}

void read_network(const Json& value, PlannedLink& link, PlanBuilder& builder) {
  read_dhcp(value, link, builder);
  builder.set_mtu(link, member(value, "mtu"));
  read_v2_addresses(member(value, "addresses"), link, builder);
  builder.add_gateway(link, member(value, "gateway4"), Json());
  builder.add_gateway(link, member(value, "gateway6"), Json());
  for (const Json* route : values_of(member(value, "routes"))) read_v2_route(*route, link, builder);
  const Json& nameservers = member(value, "nameservers");
  builder.add_dns(link.dns, member(nameservers, "addresses"));
  builder.add_search(link.search, member(nameservers, "search"));
}

void read_section(const Json& links, LinkKind kind, PlanBuilder& builder) {
  for (const auto& [id, value] : fields_of(links)) {
    PlannedLink* link = builder.add_link(id, kind);
    if (link == nullptr) continue;
    if (kind == LinkKind::card) read_card(value, *link, builder);
    if (kind != LinkKind::card) read_made(value, *link, builder);
    read_network(value, *link, builder);
  }
}

}  // namespace

void read_network_config_v2(const Json& network, PlanBuilder& builder) {
  for (const Section& section : sections) read_section(member(network, section.name), section.kind, builder);
  for (const char* other : {"wifis", "modems", "tunnels", "vrfs", "dummy-devices", "virtual-ethernets", "nm-devices"})
    if (!member(network, other).is_null()) builder.note(std::string(other) + " are left out");
}

}  // namespace lifeboat::init
