// Version 1: cloud-init's doc/rtd/reference/network-config-format-v1.rst.
#include "init/source/network_config.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "init/source/network_config_v2.hpp"
#include "init/source/yaml.hpp"

namespace lifeboat::init {
namespace {

struct Type {
  std::string_view name;
  LinkKind kind;
  const char* members;  ///< nullptr: it has none
};
constexpr std::array<Type, 5> types{{{"physical", LinkKind::card, nullptr},
                                     {"infiniband", LinkKind::card, nullptr},
                                     {"bond", LinkKind::bond, "bond_interfaces"},
                                     {"bridge", LinkKind::bridge, "bridge_interfaces"},
                                     {"vlan", LinkKind::vlan, nullptr}}};

void read_subnet_method(const Json& subnet, PlannedLink& link, PlanBuilder& builder) {
  const std::string type = scalar_of(member(subnet, "type"));
  if (type == "dhcp" || type == "dhcp4") {
    link.dhcp4 = true;
    builder.set_metric(link, member(subnet, "metric"));
  } else if (type == "dhcp6" || type == "ipv6_dhcpv6-stateful") {
    builder.use_dhcp6(link, Dhcpv6::stateful);
  } else if (type == "ipv6_dhcpv6-stateless") {
    builder.use_dhcp6(link, Dhcpv6::stateless);
  } else if (type == "ipv6_slaac") {
    link.accept_ra = true;
  } else if (type == "static" || type == "static6") {
    if (scalar_of(member(subnet, "address")).empty()) builder.note(link, "a subnet without an address");
    builder.add_address(link, member(subnet, "address"), member(subnet, "netmask"));
  } else if (type != "manual") {
    builder.note(link, "the subnet's type " + in_quotes(type) + " is not known");
  }
}

void read_route(const Json& route, PlannedLink& link, PlanBuilder& builder) {
  const Json& network = member(route, "network");
  const Json& mask = member(route, "netmask");
  builder.add_route(link, {.to = network.is_null() ? member(route, "destination") : network,
                           .mask = mask.is_null() ? member(route, "prefix") : mask,
                           .via = member(route, "gateway"),
                           .metric = member(route, "metric")});
}

void read_subnet(const Json& subnet, PlannedLink& link, PlanBuilder& builder) {
  read_subnet_method(subnet, link, builder);
  builder.add_gateway(link, member(subnet, "gateway"), member(subnet, "metric"));
  builder.add_dns(link.dns, member(subnet, "dns_nameservers"));
  builder.add_search(link.search, member(subnet, "dns_search"));
  for (const Json* route : values_of(member(subnet, "routes"))) read_route(*route, link, builder);
}

void read_subnets(const Json& entry, PlannedLink& link, PlanBuilder& builder) {
  for (const Json* subnet : values_of(member(entry, "subnets"))) read_subnet(*subnet, link, builder);
}

void read_details(const Json& entry, const Type& type, PlannedLink& link, PlanBuilder& builder) {
  if (!member(entry, "name").is_null()) builder.set_name(link, link.id);
  builder.set_mac(link, member(entry, "mac_address"));
  builder.set_mtu(link, member(entry, "mtu"));
  link.accept_ra = truth_of(member(entry, "accept-ra"));
  if (type.members != nullptr) builder.add_members(link, member(entry, type.members));
  if (type.kind == LinkKind::vlan) {
    link.parent = scalar_of(member(entry, "vlan_link"));
    builder.set_vlan_id(link, member(entry, "vlan_id"));
  }
  if (type.kind == LinkKind::bond)
    for (const auto& [name, value] : fields_of(member(entry, "params"))) builder.add_bond_option(link, name, value);
  read_subnets(entry, link, builder);
}

void read_link(const Json& entry, const Type& type, PlanBuilder& builder) {
  const std::string name = scalar_of(member(entry, "name"));
  const std::size_t colon = name.find(':');
  // ENI's way to give a card a second address, which Hetzner still uses: "eth0:0".
  PlannedLink* whole =
      colon == std::string::npos ? nullptr : builder.find_link(std::string_view(name).substr(0, colon));
  if (whole != nullptr) return read_subnets(entry, *whole, builder);
  // Vultr leaves the name to the MAC address.
  PlannedLink* link = builder.add_link(name.empty() ? scalar_of(member(entry, "mac_address")) : name, type.kind);
  if (link != nullptr) read_details(entry, type, *link, builder);
}

void read_nameserver(const Json& entry, PlanBuilder& builder) {
  PlannedLink* link = builder.find_link(scalar_of(member(entry, "interface")));
  builder.add_dns(link != nullptr ? link->dns : builder.plan().dns, member(entry, "address"));
  builder.add_search(link != nullptr ? link->search : builder.plan().search, member(entry, "search"));
}

/// It says no interface: that of the gateway.
void read_global_route(const Json& entry, PlanBuilder& builder) {
  const std::string via = scalar_of(member(entry, "gateway"));
  const auto gateway = parse_address(via);
  PlannedLink* link = gateway ? builder.find_link_to(*gateway) : nullptr;
  if (link == nullptr) return builder.note("a route is left out: its gateway " + in_quotes(via) + " is in no network");
  read_route(entry, *link, builder);
}

/// True: it makes a link.
const Type* type_of(const Json& entry) {
  const std::string name = scalar_of(member(entry, "type"));
  for (const Type& type : types)
    if (name == type.name) return &type;
  return nullptr;
}

void read_other(const Json& entry, PlanBuilder& builder) {
  const std::string type = scalar_of(member(entry, "type"));
  if (type == "nameserver") return read_nameserver(entry, builder);
  if (type == "route") return read_global_route(entry, builder);
  if (type != "loopback") builder.note("what has the type " + in_quotes(type) + " is left out");
}

}  // namespace

void read_network_config_v1(const Json& config, PlanBuilder& builder) {
  const auto entries = values_of(config);
  for (const Json* entry : entries)
    if (const Type* type = type_of(*entry)) read_link(*entry, *type, builder);
  for (const Json* entry : entries)
    if (type_of(*entry) == nullptr) read_other(*entry, builder);
}

void read_network_config(const Json& document, PlanBuilder& builder) {
  const Json& nested = member(document, "network");
  const Json& network = nested.is_object() ? nested : document;
  const std::string version = scalar_of(member(network, "version"));
  const Json& config = member(network, "config");
  if (scalar_of(config) == "disabled") return;
  if (version == "1") return read_network_config_v1(config, builder);
  if (version == "2") return read_network_config_v2(network, builder);
  builder.note("the network's configuration is not used: its version is neither 1 nor 2");
}

Result<NetworkPlan> parse_network_config(std::string_view yaml) {
  return read_plan(yaml, "network-config", parse_yaml, read_network_config);
}

}  // namespace lifeboat::init
