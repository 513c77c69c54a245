// The plan as lines "key=value", and what must hold between its links.
#include "init/net/plan.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "init/contract/text.hpp"

namespace lifeboat::init {
namespace {

constexpr std::array<std::string_view, 4> kinds{"card", "bond", "vlan", "bridge"};
constexpr std::array<std::string_view, 4> dhcp6_words{"by-router", "none", "stateless", "stateful"};

std::string line(std::string_view key, std::string_view value) {
  return std::string(key) + "=" + std::string(value) + "\n";
}

template <class Values>
void add_lines(std::string& text, std::string_view key, const Values& values) {
  for (const auto& value : values) text += line(key, value);
}

std::string to_text(const Route& route) {
  return to_text(route.to) + " " + to_text(route.gateway) + " " + std::to_string(route.metric);
}

void add_names(std::string& text, const std::vector<Address>& dns, const std::vector<std::string>& search) {
  for (const Address& server : dns) text += line("dns", to_text(server));
  add_lines(text, "search", search);
}

std::string to_text(const PlannedLink& link) {
  std::string text = line("link", link.id) + line("kind", kinds[static_cast<std::size_t>(link.kind)]);
  if (!link.mac.empty()) text += line("mac", link.mac);
  if (!link.name.empty()) text += line("name", link.name);
  if (link.mtu != 0) text += line("mtu", std::to_string(link.mtu));
  if (link.metric != 0) text += line("metric", std::to_string(link.metric));
  add_lines(text, "member", link.members);
  if (!link.parent.empty()) text += line("parent", link.parent);
  if (link.vlan_id != 0) text += line("vlan", std::to_string(link.vlan_id));
  for (const auto& [name, value] : link.options) text += line("option", name + " " + value);
  if (link.dhcp4) text += line("dhcp4", "yes");
  text += line("dhcp6", dhcp6_words[static_cast<std::size_t>(link.dhcp6)]);
  if (link.accept_ra) text += line("accept-ra", *link.accept_ra ? "yes" : "no");
  for (const Prefix& address : link.addresses) text += line("address", to_text(address));
  for (const Route& route : link.routes) text += line("route", to_text(route));
  add_names(text, link.dns, link.search);
  return text;
}

/// False: nothing to add.
template <class Value>
bool add(std::vector<Value>& values, const std::optional<Value>& value) {
  if (value) values.push_back(*value);
  return value.has_value();
}

template <class Word>
bool read_word(const std::array<std::string_view, 4>& words, std::string_view value, Word& into) {
  const auto found = std::ranges::find(words, value);
  if (found == words.end()) return false;
  into = static_cast<Word>(found - words.begin());
  return true;
}

template <class Number>
bool read_number(std::string_view value, std::uint64_t largest, Number& into) {
  const auto number = contract::parse_number(value, largest);
  if (number) into = static_cast<Number>(*number);
  return number.has_value();
}

std::optional<Route> parse_route(std::string_view value) {
  const auto words = contract::split_words(value, " ");
  if (words.size() != 3) return std::nullopt;
  const auto to = parse_prefix(words[0]);
  const auto gateway = parse_address(words[1]);
  const auto metric = contract::parse_number(words[2], 0xffffffff);
  if (!to || !gateway || !metric) return std::nullopt;
  return Route{*to, *gateway, static_cast<std::uint32_t>(*metric)};
}

std::optional<std::pair<std::string, std::string>> parse_option(std::string_view value) {
  const auto words = contract::split_words(value, " ");
  if (words.size() != 2 || !is_interface_name(words[0].substr(0, 15))) return std::nullopt;  // it becomes a file's name
  return std::pair{std::string(words[0]), std::string(words[1])};
}

std::optional<std::string> parse_domain(std::string_view value) {
  return is_host_name(value) ? std::optional(std::string(value)) : std::nullopt;
}

bool read_link_field(PlannedLink& link, std::string_view key, std::string_view value) {
  if (key == "kind") return read_word(kinds, value, link.kind);
  if (key == "mac") return !(link.mac = parse_mac(value).value_or("")).empty();
  if (key == "name") return is_interface_name(link.name = value);
  if (key == "mtu") return read_number(value, 65535, link.mtu);
  if (key == "metric") return read_number(value, 0xffffffff, link.metric);
  if (key == "member") return !link.members.emplace_back(value).empty();
  if (key == "parent") return !(link.parent = value).empty();
  if (key == "vlan") return read_number(value, 4094, link.vlan_id);
  if (key == "option") return add(link.options, parse_option(value));
  if (key == "dhcp4") return link.dhcp4 = value == "yes";
  if (key == "dhcp6") return read_word(dhcp6_words, value, link.dhcp6);
  if (key == "accept-ra") return (link.accept_ra = value == "yes").has_value();
  if (key == "address") return add(link.addresses, parse_prefix(value));
  if (key == "route") return add(link.routes, parse_route(value));
  if (key == "dns") return add(link.dns, parse_address(value));
  if (key == "search") return add(link.search, parse_domain(value));
  return false;
}

bool read_field(NetworkPlan& plan, std::string_view key, std::string_view value) {
  if (key == "link") return !plan.links.emplace_back(PlannedLink{.id = std::string(value)}).id.empty();
  if (key == "note") return !plan.notes.emplace_back(value).empty();
  if (!plan.links.empty()) return read_link_field(plan.links.back(), key, value);
  if (key == "dns") return add(plan.dns, parse_address(value));
  if (key == "search") return add(plan.search, parse_domain(value));
  return false;
}

/// Why a link cannot be made of those that are `known`; empty: it can. `used`: their members.
std::string link_trouble(const PlannedLink& link, const std::set<std::string>& known,
                         const std::set<std::string>& used) {
  if (known.count(link.id) != 0) return "a second link of this name";
  if (known.size() == most_planned_links) return "too many links";
  if (link.kind == LinkKind::vlan && (link.vlan_id < 1 || link.vlan_id > 4094)) return "it has no VLAN id of 1 to 4094";
  if (link.kind == LinkKind::vlan && known.count(link.parent) == 0) return "its link " + link.parent + " is not there";
  if (link.kind != LinkKind::card && !is_interface_name(link.name)) return "it has no name that the kernel takes";
  for (const std::string& member : link.members) {
    if (known.count(member) == 0) return "its member " + member + " is not there";
    if (used.count(member) != 0) return "its member " + member + " is a member of another";
  }
  return "";
}

}  // namespace

std::string to_text(const NetworkPlan& plan) {
  std::string text;
  add_names(text, plan.dns, plan.search);
  add_lines(text, "note", plan.notes);
  for (const PlannedLink& link : plan.links) text += to_text(link);
  return text;
}

std::optional<NetworkPlan> parse_plan(std::string_view text) {
  NetworkPlan plan;
  for (std::string_view entry : contract::split_words(text, "\n")) {
    const auto assignment = contract::split_assignment(entry);
    if (!assignment || !read_field(plan, assignment->first, assignment->second)) return std::nullopt;
    if (plan.links.size() > most_planned_links) return std::nullopt;
  }
  return plan;
}

void check_plan(NetworkPlan& plan) {
  std::vector<PlannedLink> good, left = std::move(plan.links);
  std::set<std::string> known, used;
  if (left.size() > most_planned_links) plan.notes.push_back("more than 64 links: the others are left out");
  left.resize(std::min(left.size(), most_planned_links));
  // Documents name their links in any order: what can be made of those before it is, cards first.
  while (true) {
    std::size_t next = left.size();
    for (std::size_t i = 0; i < left.size(); ++i)
      if ((next == left.size() || left[i].kind < left[next].kind) && link_trouble(left[i], known, used).empty())
        next = i;
    if (next == left.size()) break;
    known.insert(left[next].id);
    used.insert(left[next].members.begin(), left[next].members.end());
    good.push_back(std::move(left[next]));
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(next));
  }
  for (const PlannedLink& link : left)
    if (plan.notes.size() < most_planned_values)
      plan.notes.push_back("the link " + link.id + " is left out: " + link_trouble(link, known, used));
  plan.links = std::move(good);
}

}  // namespace lifeboat::init
