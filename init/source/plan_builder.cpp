#include "init/source/plan_builder.hpp"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>

#include "init/contract/text.hpp"
#include "init/source/plan_values.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t longest_id = 64;

bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= longest_id &&
         std::ranges::none_of(id, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

/// Of what has no length.
int usual_length(const Address& address) { return address.is_none() ? 0 : address.ipv6 ? 64 : 24; }

}  // namespace

std::string scalar_of(const Json& value) {
  if (value.is_string()) return std::string(contract::trim(value.get_ref<const std::string&>()));
  return value.is_number_integer() || value.is_boolean() ? value.dump() : std::string();
}

std::optional<bool> truth_of(const Json& value) { return parse_truth(scalar_of(value)); }

std::vector<const Json*> values_of(const Json& value) {
  std::vector<const Json*> values;
  if (!value.is_array() && !value.is_null()) values.push_back(&value);
  if (value.is_array())
    for (const Json& part : value) values.push_back(&part);
  return values;
}

const std::map<std::string, Json, std::less<>>& fields_of(const Json& value) {
  static const Json::object_t none;
  return value.is_object() ? value.get_ref<const Json::object_t&>() : none;
}

void PlanBuilder::note(const std::string& text) { add_once(plan_.notes, text); }

void PlanBuilder::note_left_out(const PlannedLink& link, const char* what, std::string_view value) {
  note(link, std::string(what) + " " + in_quotes(value) + " is left out");
}

PlannedLink* PlanBuilder::add_link(const std::string& id, LinkKind kind) {
  const char* trouble = !is_id(id)                                 ? "it has no usable id"
                        : find_link(id) != nullptr                 ? "it is the second of this id"
                        : plan_.links.size() == most_planned_links ? "too many links"
                                                                   : nullptr;
  if (trouble == nullptr) return &plan_.links.emplace_back(PlannedLink{.id = id, .kind = kind});
  note_no_link(id, trouble);
  return nullptr;
}

void PlanBuilder::note_no_link(std::string_view id, const char* why) {
  note("the link " + in_quotes(id) + " is left out: " + why);
}

PlannedLink* PlanBuilder::find_link(std::string_view id) {
  const auto found = std::ranges::find(plan_.links, id, &PlannedLink::id);
  return found == plan_.links.end() ? nullptr : &*found;
}

PlannedLink* PlanBuilder::find_link_to(const Address& address) {
  for (PlannedLink& link : plan_.links)
    for (const Prefix& own : link.addresses)
      if (contains(own, address)) return &link;
  return nullptr;
}

/// Infiniband's has 20 bytes; one of zeros says that there is none.
void PlanBuilder::set_mac(PlannedLink& link, const Json& value) {
  const std::string text = scalar_of(value);
  if (text.empty() || text == "00:00:00:00:00:00") return;
  const auto mac = parse_mac(text);
  if (mac) link.mac = *mac;
  if (!mac) note(link, "the MAC address " + in_quotes(text) + " is passed over: it is none of Ethernet");
}

void PlanBuilder::set_mtu(PlannedLink& link, const Json& value) {
  const std::string text = scalar_of(value);
  if (text.empty() || text == "0") return;
  const auto mtu = parse_mtu(text);
  if (!mtu) return note_left_out(link, "the MTU", text);
  link.mtu = *mtu;
}

std::uint32_t PlanBuilder::metric_of(const Json& value) {
  const std::string text = scalar_of(value);
  const auto metric = contract::parse_number(text, 0xffffffff);
  if (!metric && !text.empty()) note("the metric " + in_quotes(text) + " is left out");
  return static_cast<std::uint32_t>(metric.value_or(0));
}

void PlanBuilder::set_metric(PlannedLink& link, const Json& value) {
  if (const std::uint32_t metric = metric_of(value); metric != 0) link.metric = metric;
}

void PlanBuilder::set_vlan_id(PlannedLink& link, const Json& value) {
  link.vlan_id = static_cast<int>(contract::parse_number(scalar_of(value), 4094).value_or(0));
}

void PlanBuilder::set_name(PlannedLink& link, const std::string& name) {
  if (name.empty()) return;
  const bool made = link.kind != LinkKind::card;
  if (is_interface_name(name) && !(made && (is_name_taken(name) || name.find('*') != std::string::npos)))
    link.name = name;
  else
    note(link, "the name " + in_quotes(name) + " cannot be an interface's, or is another's");
}

void PlanBuilder::add_members(PlannedLink& link, const Json& ids) {
  for (const Json* id : values_of(ids))
    if (const std::string member = scalar_of(*id); is_id(member)) add_once(link.members, member);
}

void PlanBuilder::use_dhcp6(PlannedLink& link, Dhcpv6 how) {
  link.accept_ra = true;
  if (how == Dhcpv6::stateful || link.dhcp6 != Dhcpv6::stateful) link.dhcp6 = how;
}

void PlanBuilder::add_address(PlannedLink& link, const Json& address, const Json& mask) {
  const std::string text = scalar_of(address), length = scalar_of(mask);
  if (text.empty()) return;
  const auto prefix = parse_prefix(text, length, usual_length);
  if (!prefix || prefix->length == 0 || !is_usable_host(prefix->address))
    note_left_out(link, "the address", length.empty() ? text : text + " " + length);
  else if (!add_once(link.addresses, *prefix))
    note(link, "too many addresses");
}

void PlanBuilder::add_gateway(PlannedLink& link, const Json& gateway, const Json& metric) {
  static const Json to = "default";
  if (!scalar_of(gateway).empty()) add_route(link, {.to = to, .mask = Json(), .via = gateway, .metric = metric});
}

void PlanBuilder::add_route(PlannedLink& link, const RouteValues& values) {
  const std::string text = scalar_of(values.to), via = scalar_of(values.via);
  const auto gateway = parse_address(via);
  const bool everything = text == "default" && gateway;
  const auto to = everything ? Prefix{{gateway->ipv6, {}}, 0}
                             : parse_prefix(text, scalar_of(values.mask), values.host ? length_of_host : usual_length);
  const bool direct = via.empty() || (gateway && gateway->is_none());
  // A default route without a gateway would look for every machine of the world on the link.
  const bool good = to && (direct ? to->length > 0 : gateway && is_usable_host(*gateway)) &&
                    (!gateway || gateway->ipv6 == to->address.ipv6);
  if (!good) return note_left_out(link, "the route", text + " via " + via);
  const Address on_link{to->address.ipv6, {}};
  const Route route{{network_of(*to), to->length}, direct ? on_link : *gateway, metric_of(values.metric)};
  if (!add_once(link.routes, route)) note(link, "too many routes");
}

void PlanBuilder::add_dns(std::vector<Address>& into, const Json& value) {
  for (const Json* part : values_of(value)) {
    const std::string text = scalar_of(*part);
    for (const std::string_view word : contract::split_words(text, value_separators)) {
      const auto server = parse_name_server(word);
      if (!server) note("the DNS server " + in_quotes(word) + " is left out");
      if (server && !add_once(into, *server)) return note("too many DNS servers");
    }
  }
}

void PlanBuilder::add_search(std::vector<std::string>& into, const Json& value) {
  for (const Json* part : values_of(value)) {
    const std::string text = scalar_of(*part);
    for (const std::string_view word : contract::split_words(text, value_separators)) {
      if (!is_host_name(word)) note("the search domain " + in_quotes(word) + " is left out");
      if (is_host_name(word) && !add_once(into, std::string(word))) return note("too many search domains");
    }
  }
}

Result<Json> parse_json(std::string_view text) {
  Json document = Json::parse(text, nullptr, false);
  if (document.is_discarded()) return Failure{"not valid JSON"};
  return document;
}

Result<NetworkPlan> read_plan(std::string_view text, const std::string& document,
                              Result<Json> (*parse)(std::string_view text),
                              void (*read)(const Json& document, PlanBuilder& builder)) {
  try {
    const auto value = parse(text);
    if (!value) return Failure{document + " is not used: " + value.error()};
    if (!value->is_object()) return Failure{document + " is not used: no object of named values"};
    PlanBuilder builder;
    read(*value, builder);
    return builder.finish();
  } catch (const std::exception& error) {
    return Failure{document + " is not used: " + error.what()};
  }
}

void take_network(NetworkPlan plan, Findings& findings) {
  if (!plan.is_empty()) {
    findings.network = std::move(plan);
  } else {
    for (std::string& note : plan.notes) add_note(std::move(note), findings);
  }
}

void take_network(Result<NetworkPlan> plan, Findings& findings) {
  if (!plan) return add_note(plan.error(), findings);
  take_network(std::move(*plan), findings);
}

}  // namespace lifeboat::init
