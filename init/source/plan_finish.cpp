// The end of a plan: names for what has none, bonds as sysfs takes them, and what cannot be carried out taken out.
#include <algorithm>
#include <array>

#include "init/contract/text.hpp"
#include "init/source/plan_builder.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t longest_name = 15;  // of an interface: IFNAMSIZ with its end

struct OptionName {
  std::string_view theirs;  ///< netplan's, with '_' for '-'
  std::string_view sysfs;
};
/// Where both differ; Documentation/networking/bonding.rst and netplan's reference.
constexpr std::array<OptionName, 12> renamed{{{"mii_monitor_interval", "miimon"},
                                              {"transmit_hash_policy", "xmit_hash_policy"},
                                              {"up_delay", "updelay"},
                                              {"down_delay", "downdelay"},
                                              {"arp_ip_targets", "arp_ip_target"},
                                              {"fail_over_mac_policy", "fail_over_mac"},
                                              {"primary_reselect_policy", "primary_reselect"},
                                              {"gratuitous_arp", "num_grat_arp"},
                                              {"gratuitious_arp", "num_grat_arp"},
                                              {"packets_per_member", "packets_per_slave"},
                                              {"all_members_active", "all_slaves_active"},
                                              {"learn_packet_interval", "lp_interval"}}};
/// What is taken: none of it names another interface.
constexpr std::array<std::string_view, 20> known{
    "mode",          "miimon",           "lacp_rate",    "xmit_hash_policy", "ad_select",         "min_links",
    "updelay",       "downdelay",        "arp_interval", "arp_ip_target",    "arp_validate",      "arp_all_targets",
    "fail_over_mac", "primary_reselect", "num_grat_arp", "num_unsol_na",     "packets_per_slave", "all_slaves_active",
    "resend_igmp",   "lp_interval"};
constexpr std::array<std::string_view, 7> modes{"balance-rr", "active-backup", "balance-xor", "broadcast",
                                                "802.3ad",    "balance-tlb",   "balance-alb"};

std::string sysfs_name(std::string_view name) {
  std::string clean(name);
  std::ranges::replace(clean, '-', '_');
  if (clean.starts_with("bond_")) clean.erase(0, 5);
  for (const OptionName& entry : renamed)
    if (clean == entry.theirs) return std::string(entry.sysfs);
  return clean;
}

/// One word of the kernel's: "layer3+4", "802.3ad", an address.
bool is_option_value(std::string_view value) {
  return !value.empty() && value.size() <= 45 && std::ranges::all_of(value, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("+-._:").find(c) != std::string_view::npos;
  });
}

std::string joined(std::string_view first, std::string_view second) { return std::string(first) + std::string(second); }

/// As much of a foreign text as fits before the tail, fit for an interface's name.
std::string cut_name(std::string_view base, const std::string& tail) {
  std::string name(base.substr(0, longest_name - tail.size()));
  for (char& c : name)
    if (c <= 0x20 || c >= 0x7f || c == '/' || c == ':' || c == '*') c = '_';
  return name + tail;
}

}  // namespace

void PlanBuilder::add_bond_option(PlannedLink& link, std::string_view name, const Json& value) {
  const std::string option = sysfs_name(name);
  const bool is_known = std::ranges::find(known, option) != known.end();
  if (!is_known) return note_left_out(link, "the bond's option", name);
  for (const Json* part : values_of(value)) {
    const std::string text = scalar_of(*part);
    for (std::string_view word : contract::split_words(text, " ,")) {
      const auto number = contract::parse_number(word, modes.size() - 1);
      if (option == "mode" && number) word = modes[*number];
      const bool good = option == "mode" ? std::ranges::find(modes, word) != modes.end() : is_option_value(word);
      if (!good) note_left_out(link, "the bond's option", joined(joined(name, "="), word));
      if (good && link.options.size() + 1 < most_planned_values)  // settle_bond() adds one
        link.options.emplace_back(option, joined(option == "arp_ip_target" ? "+" : "", word));
    }
  }
}

bool PlanBuilder::is_name_taken(std::string_view name) const {
  return std::ranges::find(plan_.links, name, &PlannedLink::name) != plan_.links.end();
}

/// "bond0", "br0"; a VLAN's is that of its parent and its number: "bond0.101".
std::string PlanBuilder::make_name(const PlannedLink& link) const {
  if (link.kind != LinkKind::vlan) {
    for (int i = 0;; ++i) {
      std::string name = joined(link.kind == LinkKind::bond ? "bond" : "br", std::to_string(i));
      if (!is_name_taken(name)) return name;
    }
  }
  const auto parent = std::ranges::find(plan_.links, link.parent, &PlannedLink::id);
  const bool named =
      parent != plan_.links.end() && !parent->name.empty() && parent->name.find('*') == std::string::npos;
  const std::string& base = named ? parent->name : link.parent;
  for (int i = 1;; ++i) {
    const std::string tail = joined(i == 1 ? "" : "_" + std::to_string(i), "." + std::to_string(link.vlan_id));
    if (std::string name = cut_name(base, tail); !is_name_taken(name)) return name;
  }
}

/// Why a link cannot be used; nullptr: it can. Of two that are for one card the first counts.
const char* PlanBuilder::trouble_of(const PlannedLink& link) const {
  if (link.kind == LinkKind::bond || link.kind == LinkKind::bridge)
    return link.members.empty() ? "it has no members" : nullptr;
  if (link.kind == LinkKind::vlan) return nullptr;
  if (link.mac.empty() && link.name.empty()) return "it has neither an Ethernet address nor a name";
  for (const PlannedLink& other : plan_.links) {
    if (&other == &link) break;
    const bool same = other.mac == link.mac && (!link.mac.empty() || other.name == link.name);
    if (other.kind == LinkKind::card && same) return "another link is for the same card";
  }
  return nullptr;
}

/// A bond works with the members that there are.
void PlanBuilder::leave_out_missing_members(PlannedLink& link) {
  for (std::size_t i = 0; i < link.members.size();) {
    if (find_link(link.members[i]) != nullptr) {
      ++i;
    } else {
      note(link, "its member " + link.members[i] + " is not there");
      link.members.erase(link.members.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
}

/// Cards first: members are looked for among those that stay.
void PlanBuilder::leave_out_useless() {
  for (const bool cards : {true, false})
    for (std::size_t i = 0; i < plan_.links.size();) {
      PlannedLink& link = plan_.links[i];
      const bool turn = (link.kind == LinkKind::card) == cards;
      if (turn) leave_out_missing_members(link);
      const char* trouble = turn ? trouble_of(link) : nullptr;
      if (trouble == nullptr) {
        ++i;
      } else {
        note_no_link(link.id, trouble);
        plan_.links.erase(plan_.links.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
}

/// In the order that the kernel wants: the mode decides what else can be set, the delays need miimon. Without miimon or
/// arp_interval it never sees that a member has failed.
void PlanBuilder::settle_bond(PlannedLink& link) {
  std::vector<std::pair<std::string, std::string>> ordered;
  bool watched = false;
  for (const int turn : {0, 1, 2}) {
    if (turn == 2 && !watched) ordered.emplace_back("miimon", "100");
    for (const auto& option : link.options) {
      watched = watched || option.first == "miimon" || option.first == "arp_interval";
      if (turn == (option.first == "mode" ? 0 : option.first == "miimon" ? 1 : 2)) ordered.push_back(option);
    }
  }
  link.options = std::move(ordered);
}

bool PlanBuilder::is_used(const PlannedLink& link) const {
  return std::ranges::any_of(plan_.links, [&](const PlannedLink& other) {
    return other.parent == link.id || std::ranges::find(other.members, link.id) != other.members.end();
  });
}

void PlanBuilder::ask_dhcp_where_idle() {
  for (PlannedLink& link : plan_.links) {
    const bool by_ipv6 = link.accept_ra.value_or(false) || link.dhcp6 == Dhcpv6::stateful;
    if (link.dhcp4 || by_ipv6 || !link.addresses.empty() || is_used(link)) continue;
    link.dhcp4 = true;
    note(link, "no address is given, so DHCP is asked");
  }
}

NetworkPlan PlanBuilder::finish() {
  leave_out_useless();
  for (const LinkKind kind : {LinkKind::bond, LinkKind::bridge, LinkKind::vlan})
    for (PlannedLink& link : plan_.links)
      if (link.kind == kind && link.name.empty()) link.name = make_name(link);
  for (PlannedLink& link : plan_.links)
    if (link.kind == LinkKind::bond) settle_bond(link);
  check_plan(plan_);
  ask_dhcp_where_idle();
  return std::move(plan_);
}

}  // namespace lifeboat::init
