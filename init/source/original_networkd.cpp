// systemd-networkd: systemd.network(5), systemd.netdev(5), systemd.link(5).
#include <algorithm>
#include <array>

#include "init/contract/text.hpp"
#include "init/source/ini.hpp"
#include "init/source/original_network.hpp"
#include "init/source/plan_draft.hpp"
#include "init/source/plan_values.hpp"

namespace lifeboat::init {
namespace {

/// Of [Bond], by their names in sysfs.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> bond_options{{
    {"Mode", "mode"},
    {"TransmitHashPolicy", "xmit_hash_policy"},
    {"LACPTransmitRate", "lacp_rate"},
    {"MIIMonitorSec", "miimon"},
    {"UpDelaySec", "updelay"},
    {"DownDelaySec", "downdelay"},
    {"MinLinks", "min_links"},
    {"AdSelect", "ad_select"},
    {"FailOverMACPolicy", "fail_over_mac"},
    {"PrimaryReselectPolicy", "primary_reselect"},
}};

/// "100ms", "1s", "1" -> milliseconds, as sysfs takes them.
std::string milliseconds_of(std::string_view time) {
  if (time.ends_with("ms")) return std::string(time.substr(0, time.size() - 2));
  if (time.ends_with('s')) time.remove_suffix(1);
  return std::string(time) + "000";
}

class Networkd {
 public:
  void read_netdev(const std::vector<IniSection>& sections);
  void read_network(const std::vector<IniSection>& sections);
  void read_link(const std::vector<IniSection>& sections);
  NetworkPlan finish();

 private:
  void configure(PlannedLink& link, const std::vector<IniSection>& sections);
  void read_network_entry(PlannedLink& link, std::string_view key, std::string_view value);
  void read_route(PlannedLink& link, const IniSection& section);
  void read_bond(PlannedLink& link, const IniSection& section);

  PlanDraft draft_;
  std::vector<std::string> configured_;                    ///< ids: the first file that fits a link counts
  std::vector<std::pair<std::string, std::string>> macs_;  ///< the name that a .link file gives, and to which address
};

void Networkd::read_bond(PlannedLink& link, const IniSection& section) {
  draft_.add_members(link, LinkKind::bond, "");
  for (const auto& [key, value] : section.entries) {
    const auto* const option = std::ranges::find(bond_options, key, [](const auto& row) { return row.first; });
    if (option == bond_options.end())
      draft_.leave_out(link.id, "the bond's option", key);
    else
      draft_.add_option(link, option->second, key.ends_with("Sec") ? milliseconds_of(value) : std::string(value));
  }
}

void Networkd::read_netdev(const std::vector<IniSection>& sections) {
  PlannedLink* link = nullptr;
  std::string_view kind;
  for (const IniSection& section : sections) {
    if (section.name == "NetDev") {
      kind = section.value("Kind");
      if (kind != "bond" && kind != "vlan" && kind != "bridge")
        return draft_.leave_out(section.value("Name"), "a device of the kind", kind);
      link = &draft_.link(section.value("Name"));
      link->kind = kind == "bond" ? LinkKind::bond : kind == "vlan" ? LinkKind::vlan : LinkKind::bridge;
      if (const auto mac = section.value("MACAddress"); parse_mac(mac)) draft_.set_mac(*link, mac);
      if (const auto mtu = section.value("MTUBytes"); !mtu.empty()) draft_.set_mtu(*link, mtu);
    }
    if (link != nullptr && section.name == "VLAN" && kind == "vlan")
      link->vlan_id = static_cast<int>(contract::parse_number(section.value("Id"), 4094).value_or(0));
    if (link != nullptr && section.name == "Bond" && kind == "bond") read_bond(*link, section);
  }
}

/// "e[nt]*" -> "e*": a wildcard is all that a plan has.
std::string glob_of(std::string_view pattern) {
  std::string glob;
  bool bracket = false;
  for (const char c : pattern) {
    const bool wild = c == '[' || c == '?' || c == '*';
    if (!bracket && (!wild || !glob.ends_with('*'))) glob += wild ? '*' : c;
    bracket = c == '[' || (bracket && c != ']');
  }
  return glob;
}

/// What [Match] names: MAC addresses, else names; else, where it is about Ethernet cards, all.
std::vector<std::string> names_of(const IniSection& match) {
  std::vector<std::string> names, macs;
  for (const auto& [key, value] : match.entries)
    for (const std::string_view word : contract::split_words(value, " \t")) {
      const auto mac = key.ends_with("MACAddress") ? parse_mac(word) : std::nullopt;
      if (mac) macs.push_back(*mac);
      if (key == "Name" && !word.starts_with('!') && word != "lo") names.push_back(glob_of(word));
      if (key == "Type" && word == "ether" && match.value("Name").empty()) names.emplace_back("*");
    }
  return macs.empty() ? names : macs;
}

void Networkd::read_network(const std::vector<IniSection>& sections) {
  for (const IniSection& section : sections)
    if (section.name == "Link" && is_yes(section.value("Unmanaged"))) return;
  for (const IniSection& section : sections) {
    if (section.name != "Match") continue;
    for (const std::string& name : names_of(section)) {
      PlannedLink& link = draft_.card(name);
      if (draft_.find(link.id) == nullptr || std::ranges::find(configured_, link.id) != configured_.end()) continue;
      configured_.push_back(link.id);
      configure(link, sections);
    }
  }
}

void Networkd::configure(PlannedLink& link, const std::vector<IniSection>& sections) {
  for (const IniSection& section : sections) {
    if (section.name == "Route") read_route(link, section);
    for (const auto& [key, value] : section.entries) {
      if (section.name == "Network") read_network_entry(link, key, value);
      if (section.name == "Address" && key == "Address") draft_.add_address(link, value);
      if (section.name == "Link" && key == "MTUBytes") draft_.set_mtu(link, value);
    }
  }
}

void Networkd::read_network_entry(PlannedLink& link, std::string_view key, std::string_view value) {
  if (key == "Address") draft_.add_address(link, value);
  if (key == "Gateway" && !value.starts_with('_')) draft_.add_gateway(link, value);  // "_dhcp4": comes with the lease
  if (key == "DNS")
    for (const std::string_view word : contract::split_words(value, " \t"))
      draft_.add_dns(&link, word.substr(0, word.find('#')));  // the name is for DNS over TLS
  if (key == "Domains")
    for (const std::string_view word : contract::split_words(value, " \t"))
      if (!word.starts_with('~')) draft_.add_search(&link, word);  // those are routed, not searched
  if (key == "DHCP") link.dhcp4 = is_yes(value) || value == "ipv4" || value == "both" || value == "v4";
  if (key == "IPv6AcceptRA" || key == "IPv6AcceptRouterAdvertisements") link.accept_ra = is_yes(value);
  if (key == "Bond") draft_.add_members(draft_.link(value), LinkKind::bond, link.id);
  if (key == "Bridge") draft_.add_members(draft_.link(value), LinkKind::bridge, link.id);
  if (key == "VLAN")
    for (const std::string_view word : contract::split_words(value, " \t")) {
      PlannedLink& vlan = draft_.link(word);
      vlan.kind = LinkKind::vlan;
      vlan.parent = link.id;
    }
}

void Networkd::read_route(PlannedLink& link, const IniSection& section) {
  const std::string_view to = section.value("Destination"), gateway = section.value("Gateway");
  if (gateway.starts_with('_') || (to.empty() && gateway.empty())) return;
  if (const auto type = section.value("Type"); !type.empty() && type != "unicast") return;
  draft_.add_route(link, to.empty() ? "default" : to, gateway, section.value("Metric"));
}

void Networkd::read_link(const std::vector<IniSection>& sections) {
  std::string_view mac, name;
  for (const IniSection& section : sections) {
    if (section.name == "Match") mac = section.value("PermanentMACAddress");
    if (section.name == "Match" && mac.empty()) mac = section.value("MACAddress");
    if (section.name == "Link") name = section.value("Name");
  }
  const auto good = parse_mac(mac);
  if (good && !name.empty()) macs_.emplace_back(name, *good);
}

NetworkPlan Networkd::finish() {
  for (const auto& [name, mac] : macs_)
    if (PlannedLink* link = draft_.find(name); link != nullptr && link->kind == LinkKind::card && link->mac.empty())
      draft_.set_mac(*link, mac);
  return draft_.finish();
}

}  // namespace

NetworkPlan parse_networkd(const std::vector<NetworkFile>& files) {
  Networkd networkd;
  for (const NetworkFile& file : files)
    if (file.path.ends_with(".netdev")) networkd.read_netdev(parse_ini(file.text));
  for (const NetworkFile& file : files) {
    if (file.path.ends_with(".network")) networkd.read_network(parse_ini(file.text));
    if (file.path.ends_with(".link")) networkd.read_link(parse_ini(file.text));
  }
  return networkd.finish();
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace lifeboat::init
