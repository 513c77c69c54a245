#include "init/source/plan_draft.hpp"

#include <algorithm>

#include "init/contract/text.hpp"
#include "init/source/plan_values.hpp"

namespace lifeboat::init {
namespace {

/// IPv4's classes, as the kernel and ifupdown take them; a network of IPv6 is 64 long.
int class_length(const Address& address) {
  if (address.ipv6) return 64;
  return address.bytes[0] < 128 ? 8 : address.bytes[0] < 192 ? 16 : 24;
}

std::optional<Prefix> read_target(std::string_view to, std::string_view mask, bool ipv6) {
  if (to == "default") return Prefix{Address{ipv6, {}}, 0};
  auto target = parse_prefix(to, mask, length_of_host);
  if (target) target->address = network_of(*target);
  return target;
}

/// "eth0.0005" -> "0005", "vlan5" -> "5".
std::string_view digits_behind(std::string_view name) { return name.substr(name.find_last_not_of("0123456789") + 1); }

}  // namespace

PlannedLink* PlanDraft::find(std::string_view id) {
  const auto found = std::ranges::find(plan_.links, id, &PlannedLink::id);
  return found == plan_.links.end() ? nullptr : &*found;
}

PlannedLink& PlanDraft::link(std::string_view id) {
  if (PlannedLink* known = find(id)) return *known;
  if (plan_.links.size() == most_planned_links || !is_interface_name(id)) {
    leave_out("", plan_.links.size() == most_planned_links ? "a link beyond the 64th" : "a link", id);
    return beyond_ = PlannedLink{.id = "?"};
  }
  return plan_.links.emplace_back(PlannedLink{.id = std::string(id), .name = std::string(id)});
}

PlannedLink& PlanDraft::card(std::string_view name_or_mac) {
  const auto mac = parse_mac(name_or_mac);
  if (!mac) return link(name_or_mac);
  const auto known = std::ranges::find(plan_.links, *mac, &PlannedLink::mac);
  if (known != plan_.links.end()) return *known;
  std::string digits = *mac;
  std::erase(digits, ':');
  PlannedLink& made = link(digits);
  made.mac = *mac;
  made.name.clear();
  return made;
}

void PlanDraft::add_address(PlannedLink& link, std::string_view address, std::string_view mask) {
  const auto prefix = parse_prefix(address, mask, class_length);
  if (!prefix || !is_usable_host(prefix->address)) return leave_out(link.id, "the address", address);
  add_once(link.addresses, *prefix);
}

void PlanDraft::add_route(PlannedLink& link, std::string_view to, std::string_view gateway, std::string_view metric,
                          std::string_view mask) {
  const auto through = gateway.empty() ? Address{} : parse_address(gateway);
  const auto target = through ? read_target(to, mask, through->ipv6) : std::nullopt;
  const auto number = metric.empty() ? 0 : contract::parse_number(metric, 0xffffffff);
  const bool one_family = target && (gateway.empty() || target->address.ipv6 == through->ipv6);
  const bool usable = one_family && (through->is_none() || is_usable_host(*through));
  if (!usable || !number) return leave_out(link.id, "the route", std::string(to) + " via " + std::string(gateway));
  const Route route{*target, through->is_none() ? Address{target->address.ipv6, {}} : *through,
                    static_cast<std::uint32_t>(*number)};
  add_once(link.routes, route);
}

void PlanDraft::add_ip_route(PlannedLink& link, std::string_view text) {
  const auto words = contract::split_words(text, " \t");
  std::string_view to, gateway, metric;
  PlannedLink* out = &link;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view next = i + 1 < words.size() ? words[i + 1] : "";
    if (words[i] == "table" && next != "main") return leave_out(link.id, "the route", text);
    if (words[i] == "via") gateway = next;
    if (words[i] == "metric") metric = next;
    if (words[i] == "dev" && find(next) != nullptr) out = find(next);
    if (to.empty() && words[i] != "unicast") to = words[i];
  }
  add_route(*out, to, gateway, metric);
}

void PlanDraft::add_dns(PlannedLink* link, std::string_view servers) {
  std::vector<Address>& all = link == nullptr ? plan_.dns : link->dns;
  for (const std::string_view word : contract::split_words(servers, value_separators)) {
    const auto server = parse_name_server(word);
    if (server)
      add_once(all, *server);
    else
      leave_out(link == nullptr ? "" : link->id, "the name server", word);
  }
}

void PlanDraft::add_search(PlannedLink* link, std::string_view domains) {
  std::vector<std::string>& all = link == nullptr ? plan_.search : link->search;
  for (const std::string_view word : contract::split_words(domains, value_separators)) {
    if (is_host_name(word))
      add_once(all, std::string(word));
    else
      leave_out(link == nullptr ? "" : link->id, "the search domain", word);
  }
}

void PlanDraft::set_mtu(PlannedLink& link, std::string_view mtu) {
  const auto number = parse_mtu(mtu);
  if (!number) return leave_out(link.id, "the MTU", mtu);
  link.mtu = *number;
}

void PlanDraft::set_mac(PlannedLink& link, std::string_view mac) {
  const auto good = parse_mac(mac);
  if (!good) return leave_out(link.id, "the MAC address", mac);
  link.mac = *good;
}

void PlanDraft::add_option(PlannedLink& link, std::string_view name, std::string_view value) {
  const std::pair<std::string, std::string> option(name, value);
  const bool good = is_interface_name(name.substr(0, 15)) && !value.empty() && value.size() < 256 &&
                    std::ranges::none_of(value, [](unsigned char c) { return c <= 0x20 || c >= 0x7f; });
  if (!good || name.find_first_of("/.: \t") != std::string_view::npos)
    return leave_out(link.id, "the bond's option", std::string(name) + "=" + std::string(value));
  add_once(link.options, option);
}

void PlanDraft::add_members(PlannedLink& made, LinkKind kind, std::string_view names) {
  made.kind = kind;
  for (const std::string_view name : contract::split_words(names, value_separators)) {
    const PlannedLink& member = link(name);
    if (&member != &beyond_ && member.id != made.id) add_once(made.members, member.id);
  }
}

void PlanDraft::set_vlan(PlannedLink& made, std::string_view parent, std::string_view id) {
  const std::string_view name = made.id;
  if (parent.empty()) parent = name.substr(0, name.rfind('.'));
  made.kind = LinkKind::vlan;  // and where the rest is no good check_plan() says so
  made.vlan_id = static_cast<int>(contract::parse_number(id.empty() ? digits_behind(name) : id, 4094).value_or(0));
  made.parent = parent == name ? "" : link(parent).id;
}

void PlanDraft::leave_out(std::string_view link, std::string_view what, std::string_view value) {
  if (link == beyond_.id && !link.empty()) return;  // it was said that the link is left out
  note((link.empty() ? "" : std::string(link) + ": ") + std::string(what) + " is left out: " + in_quotes(value));
}

void PlanDraft::note(std::string text) {
  for (char& c : text)
    if (c < 0x20 || c == 0x7f) c = '?';  // a line end would be another line of the plan
  add_once(plan_.notes, text);
}

NetworkPlan PlanDraft::finish() {
  check_plan(plan_);
  return std::move(plan_);
}

}  // namespace lifeboat::init
