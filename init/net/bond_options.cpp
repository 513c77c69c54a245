#include "init/net/bond_options.hpp"

#include <linux/if_link.h>

#include <algorithm>
#include <array>
#include <optional>

#include "init/contract/text.hpp"
#include "init/net/address.hpp"

namespace lifeboat::init {
namespace {

constexpr unsigned any_mode = 0x7f;
constexpr unsigned of_802_3ad = 1U << 4;
/// What watches its members by ARP: all but 802.3ad, balance-tlb and balance-alb.
constexpr unsigned by_arp = any_mode & ~(of_802_3ad | 1U << 5 | 1U << 6);

/// One option: how netlink calls it, how wide its value is, and what the kernel takes it in (`unsuppmodes` in the
/// kernel's bond_options.c). Values with names: in the order of their numbers, from 0.
struct BondOption {
  std::string_view name;
  std::uint16_t attribute;
  std::uint8_t size;
  std::uint8_t modes;
  std::string_view names = {};
};

constexpr std::array<BondOption, 26> known{{
    {"mode", IFLA_BOND_MODE, 1, any_mode,
     "balance-rr active-backup balance-xor broadcast 802.3ad balance-tlb balance-alb"},
    {"miimon", IFLA_BOND_MIIMON, 4, any_mode},
    {"updelay", IFLA_BOND_UPDELAY, 4, any_mode},
    {"downdelay", IFLA_BOND_DOWNDELAY, 4, any_mode},
    {"use_carrier", IFLA_BOND_USE_CARRIER, 1, any_mode},
    {"lacp_rate", IFLA_BOND_AD_LACP_RATE, 1, of_802_3ad, "slow fast"},
    {"ad_select", IFLA_BOND_AD_SELECT, 1, any_mode, "stable bandwidth count"},
    {"xmit_hash_policy", IFLA_BOND_XMIT_HASH_POLICY, 1, any_mode,
     "layer2 layer3+4 layer2+3 encap2+3 encap3+4 vlan+srcmac"},
    {"min_links", IFLA_BOND_MIN_LINKS, 4, any_mode},
    {"arp_interval", IFLA_BOND_ARP_INTERVAL, 4, by_arp},
    {"arp_ip_target", IFLA_BOND_ARP_IP_TARGET, 0, by_arp},
    {"arp_validate", IFLA_BOND_ARP_VALIDATE, 4, by_arp, "none active backup all filter filter_active filter_backup"},
    {"arp_all_targets", IFLA_BOND_ARP_ALL_TARGETS, 4, any_mode, "any all"},
    {"primary_reselect", IFLA_BOND_PRIMARY_RESELECT, 1, any_mode, "always better failure"},
    {"fail_over_mac", IFLA_BOND_FAIL_OVER_MAC, 1, any_mode, "none active follow"},
    {"num_grat_arp", IFLA_BOND_NUM_PEER_NOTIF, 1, any_mode},
    {"num_unsol_na", IFLA_BOND_NUM_PEER_NOTIF, 1, any_mode},
    {"resend_igmp", IFLA_BOND_RESEND_IGMP, 4, any_mode},
    {"all_slaves_active", IFLA_BOND_ALL_SLAVES_ACTIVE, 1, any_mode},
    // In no mode: the kernel wants the members first, or nobody is reached the better for it.
    {"primary", 0, 0, 0},
    {"active_slave", 0, 0, 0},
    {"packets_per_slave", 0, 0, 0},
    {"tlb_dynamic_lb", 0, 0, 0},
    {"lp_interval", 0, 0, 0},
    {"ad_actor_sys_prio", 0, 0, 0},
    {"ad_user_port_key", 0, 0, 0},
}};

std::optional<std::uint32_t> number_of(const BondOption& option, std::string_view value) {
  const auto names = contract::split_words(option.names, " ");
  const auto name = std::ranges::find(names, value);
  if (name != names.end()) return static_cast<std::uint32_t>(name - names.begin());
  const std::uint64_t widest = option.size == 1 ? 0xff : 0x7fffffff;
  const auto number = contract::parse_number(value, names.empty() ? widest : names.size() - 1);
  return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

/// "10.0.0.1,10.0.0.2"; the kernel takes sixteen.
bool add_targets(NetlinkRequest& request, std::string_view value) {
  constexpr std::size_t most = 16;
  const auto words = contract::split_words(value, ", ");
  const std::size_t nest = request.begin_nested(IFLA_BOND_ARP_IP_TARGET);
  for (std::size_t i = 0; i < std::min(words.size(), most); ++i) {
    const auto address = parse_address(words[i]);
    if (!address || address->ipv6) return false;
    request.attribute(static_cast<std::uint16_t>(i), address->view());
  }
  request.end_nested(nest);
  return !words.empty() && words.size() <= most;
}

bool add_option(NetlinkRequest& request, const BondOption& option, std::string_view value) {
  if (option.attribute == IFLA_BOND_ARP_IP_TARGET) return add_targets(request, value);
  const auto number = number_of(option, value);
  // Little-endian machines alone are built for: the first byte of the number is its lowest.
  if (number) request.attribute(option.attribute, &*number, option.size);
  return number.has_value();
}

const std::string* find_value(const BondOptions& options, std::string_view name) {
  const auto found = std::ranges::find(options, name, &std::pair<std::string, std::string>::first);
  return found == options.end() ? nullptr : &found->second;
}

}  // namespace

Status add_bond_options(NetlinkRequest& request, const BondOptions& options) {
  const std::string* mode = find_value(options, "mode");
  const unsigned in_mode = 1U << (mode == nullptr ? 0 : number_of(known[0], *mode).value_or(0));
  for (const auto& [name, value] : options) {
    const auto option = std::ranges::find(known, name, &BondOption::name);
    if (option == known.end()) return Failure{"unknown option " + contract::in_quotes(name) + " of a bond"};
    if ((option->modes & in_mode) != 0 && !add_option(request, *option, value))
      return Failure{"a bond's option " + name + " cannot be " + contract::in_quotes(value)};
  }
  if (find_value(options, "miimon") == nullptr && find_value(options, "arp_interval") == nullptr)
    request.attribute(IFLA_BOND_MIIMON, std::uint32_t{100});
  return Done{};
}

}  // namespace lifeboat::init
