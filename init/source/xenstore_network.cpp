// Nova's virt/xenapi/vmops.py _vif_xenstore_data, and what the agents of Rackspace read of it.
#include "init/source/xenstore_network.hpp"

#include <exception>
#include <nlohmann/json.hpp>

#include "init/source/plan_builder.hpp"

namespace lifeboat::init {
namespace {

void read_addresses(const Json& list, PlannedLink& link, PlanBuilder& builder) {
  for (const Json* entry : values_of(list)) {
    if (!truth_of(member(*entry, "enabled")).value_or(true)) continue;
    const Json& address = member(*entry, "ip");
    builder.add_address(link, address.is_null() ? member(*entry, "address") : address, member(*entry, "netmask"));
  }
}

/// Not those of "ips": every network has one, the way to the world is only the card's.
void read_gateways(const Json& card, PlannedLink& link, PlanBuilder& builder) {
  builder.add_gateway(link, member(card, "gateway"), Json());
  for (const char* name : {"gateway_v6", "gateway6"}) {
    if (scalar_of(member(card, name)).empty()) continue;
    return builder.add_gateway(link, member(card, name), Json());
  }
  for (const Json* entry : values_of(member(card, "ip6s")))
    builder.add_gateway(link, member(*entry, "gateway"), Json());
}

void read_card(const Json& card, PlanBuilder& builder) {
  PlannedLink* link = builder.add_link(scalar_of(member(card, "mac")), LinkKind::card);
  if (link == nullptr) return;
  builder.set_mac(*link, member(card, "mac"));
  read_addresses(member(card, "ips"), *link, builder);
  read_addresses(member(card, "ip6s"), *link, builder);
  read_gateways(card, *link, builder);
  for (const Json* route : values_of(member(card, "routes")))
    builder.add_route(*link, {.to = member(*route, "route"),
                              .mask = member(*route, "netmask"),
                              .via = member(*route, "gateway"),
                              .metric = Json()});
  builder.add_dns(link->dns, member(card, "dns"));
}

}  // namespace

NetworkPlan parse_xenstore_network(const std::vector<std::string>& documents) {
  try {
    PlanBuilder builder;
    for (const std::string& text : documents) {
      const auto card = parse_json(text);
      if (card && card->is_object())
        read_card(*card, builder);
      else
        builder.note("a card of vm-data/networking is left out: no JSON object");
    }
    return builder.finish();
  } catch (const std::exception& error) {
    return NetworkPlan{
        .links = {}, .dns = {}, .search = {}, .notes = {std::string("vm-data/networking: ") + error.what()}};
  }
}

}  // namespace lifeboat::init
