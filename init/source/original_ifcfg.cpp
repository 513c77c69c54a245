// Red Hat's network-scripts: /usr/share/doc/initscripts/sysconfig.txt.
#include <algorithm>

#include "init/contract/text.hpp"
#include "init/source/ini.hpp"
#include "init/source/original_network.hpp"
#include "init/source/plan_draft.hpp"
#include "init/source/plan_values.hpp"

namespace lifeboat::init {
namespace {

std::string_view without_quotes(std::string_view value) {
  value = contract::trim(value);
  const char quote = value.empty() ? ' ' : value.front();
  if (quote != '"' && quote != '\'') return value.substr(0, value.find_first_of(" \t"));
  return value.substr(1, value.find(quote, 1) - 1);
}

/// The shell's assignments; nothing of them is run.
IniSection read_assignments(std::string_view text) {
  IniSection values;
  for (const std::string_view line : contract::split_words(text, "\r\n"))
    if (const auto assignment = contract::split_assignment(line); assignment && line.front() != '#')
      values.entries.emplace_back(contract::trim(assignment->first), without_quotes(assignment->second));
  return values;
}

bool is_no(std::string_view text) { return !text.empty() && !is_yes(text); }

class Ifcfg {
 public:
  void read_interface(std::string_view file, std::string_view text);
  void read_routes(std::string_view interface, std::string_view text);
  void read_common(std::string_view text);
  NetworkPlan finish() { return draft_.finish(); }

 private:
  void read_kind(PlannedLink& link, const IniSection& values);
  void read_ipv4(PlannedLink& link, const IniSection& values, const std::string& number);
  void read_ipv6(PlannedLink& link, const IniSection& values);
  void read_names(PlannedLink& link, const IniSection& values);

  PlanDraft draft_;
};

void Ifcfg::read_interface(std::string_view file, std::string_view text) {
  const IniSection values = read_assignments(text);
  std::string_view name = values.value("DEVICE");
  if (name.empty()) name = file;
  name = name.substr(0, name.find(':'));  // "eth0:1" is a second address
  const std::string_view master = values.value("MASTER"), bridge = values.value("BRIDGE");
  if (name == "lo" || (is_no(values.value("ONBOOT")) && master.empty() && bridge.empty())) return;
  if (const auto type = values.value("TYPE"); type == "Team" || type == "Wireless" || type == "IPSEC")
    return draft_.leave_out(name, "a device of the type", type);
  PlannedLink& link = draft_.link(name);
  read_kind(link, values);
  if (!master.empty()) draft_.add_members(draft_.link(master), LinkKind::bond, link.id);
  if (!bridge.empty()) draft_.add_members(draft_.link(bridge), LinkKind::bridge, link.id);
  if (const auto protocol = values.value("BOOTPROTO"); protocol == "dhcp" || protocol == "bootp") link.dhcp4 = true;
  read_ipv4(link, values, "");
  for (char digit = '0'; digit <= '9'; ++digit) read_ipv4(link, values, std::string(1, digit));
  read_ipv6(link, values);
  read_names(link, values);
}

void Ifcfg::read_kind(PlannedLink& link, const IniSection& values) {
  const std::string_view options = values.value("BONDING_OPTS"), type = values.value("TYPE");
  if (const auto mac = values.value("HWADDR"); !mac.empty()) draft_.set_mac(link, mac);
  if (const auto mtu = values.value("MTU"); !mtu.empty()) draft_.set_mtu(link, mtu);
  if (type == "Bridge") draft_.add_members(link, LinkKind::bridge, "");
  if (is_yes(values.value("VLAN")) || type == "Vlan")
    draft_.set_vlan(link, values.value("PHYSDEV"), values.value("VLAN_ID"));
  if (type == "Bond" || is_yes(values.value("BONDING_MASTER")) || !options.empty())
    draft_.add_members(link, LinkKind::bond, "");
  for (const std::string_view option : contract::split_words(options, " \t"))
    if (const auto pair = contract::split_assignment(option)) draft_.add_option(link, pair->first, pair->second);
}

/// "" for the first address, "0" and so on for others.
void Ifcfg::read_ipv4(PlannedLink& link, const IniSection& values, const std::string& number) {
  const std::string_view address = values.value("IPADDR" + number), gateway = values.value("GATEWAY" + number);
  const std::string_view length = values.value("PREFIX" + number), mask = values.value("NETMASK" + number);
  if (!address.empty()) draft_.add_address(link, address, length.empty() ? mask : length);
  if (!gateway.empty() && !is_no(values.value("DEFROUTE"))) draft_.add_gateway(link, gateway);
}

void Ifcfg::read_ipv6(PlannedLink& link, const IniSection& values) {
  for (const char* key : {"IPV6ADDR", "IPV6ADDR_SECONDARIES"})
    for (const std::string_view address : contract::split_words(values.value(key), " \t"))
      draft_.add_address(link, address);
  const std::string_view gateway = values.value("IPV6_DEFAULTGW");
  if (!gateway.empty()) draft_.add_gateway(link, gateway.substr(0, gateway.find('%')));
  if (const auto autoconf = values.value("IPV6_AUTOCONF"); !autoconf.empty()) link.accept_ra = is_yes(autoconf);
  if (is_yes(values.value("DHCPV6C"))) link.dhcp6 = Dhcpv6::stateful;
}

void Ifcfg::read_names(PlannedLink& link, const IniSection& values) {
  for (const char* key : {"DNS1", "DNS2", "DNS3"}) draft_.add_dns(&link, values.value(key));
  draft_.add_search(&link, values.value("DOMAIN"));
}

/// Lines of `ip route add`, or ADDRESS0=, NETMASK0=, GATEWAY0=, METRIC0= and so on.
void Ifcfg::read_routes(std::string_view interface, std::string_view text) {
  PlannedLink* link = draft_.find(interface);
  if (link == nullptr) return;
  const IniSection values = read_assignments(text);
  for (int i = 0; i < 64; ++i) {
    const std::string number = std::to_string(i);
    const std::string_view to = values.value("ADDRESS" + number);
    if (!to.empty())
      draft_.add_route(*link, to, values.value("GATEWAY" + number), values.value("METRIC" + number),
                       values.value("NETMASK" + number));
  }
  for (const std::string_view line : contract::split_words(text, "\r\n"))
    if (line.front() != '#' && line.find('=') == std::string_view::npos) draft_.add_ip_route(*link, line);
}

/// The default route of all, where no interface says one.
void Ifcfg::read_common(std::string_view text) {
  const IniSection values = read_assignments(text);
  const std::string_view device = values.value("GATEWAYDEV");
  const auto gateway = parse_address(values.value("GATEWAY"));
  if (!gateway) return;
  for (const PlannedLink& link : draft_.links()) {
    const bool reaches =
        std::ranges::any_of(link.addresses, [&](const Prefix& own) { return contains(own, *gateway); });
    if (device.empty() ? reaches : link.id == device)
      return draft_.add_gateway(*draft_.find(link.id), values.value("GATEWAY"));
  }
}

}  // namespace

NetworkPlan parse_ifcfg(const std::vector<NetworkFile>& files) {
  Ifcfg ifcfg;
  for (const NetworkFile& file : files)
    if (const auto name = base_name(file.path); name.starts_with("ifcfg-"))
      ifcfg.read_interface(name.substr(6), file.text);
  for (const NetworkFile& file : files) {
    const std::string_view name = base_name(file.path);
    if (name.starts_with("route-") || name.starts_with("route6-"))
      ifcfg.read_routes(name.substr(name.find('-') + 1), file.text);
    if (name == "network") ifcfg.read_common(file.text);
  }
  return ifcfg.finish();
}

}  // namespace lifeboat::init
