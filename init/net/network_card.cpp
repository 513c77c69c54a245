// What one card of the network is told: DHCP clients, router advertisements, addresses and routes, gateways.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "init/net/network.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

/// A table of each interface's own, by its index; small numbers are the kernel's and the distributions'.
constexpr std::uint32_t first_table = 1000;
/// When a gateway that was asked is looked at: the kernel asks three times, a second apart. One whose MAC it knows (a
/// router's advertisement has it) it asks five seconds later only (delay_first_probe_time).
constexpr Milliseconds gateway_looks[] = {Milliseconds(300), Milliseconds(1'500), Milliseconds(4'000),
                                          Milliseconds(6'000), Milliseconds(9'000)};

void set_router_advertisements(const std::string& interface, bool accepted) {
  const std::string folder = "/proc/sys/net/ipv6/conf/" + interface;
  static_cast<void>(write_file(folder + "/accept_ra", accepted ? "2" : "0"));  // none: a kernel without IPv6
}

std::string dhcp6_mode(const Interface& card, const PlannedLink* plan) {
  const Dhcpv6 wanted = plan == nullptr ? Dhcpv6::by_router : plan->dhcp6;
  if (wanted == Dhcpv6::stateful) return "stateful";
  if (wanted == Dhcpv6::stateless) return "stateless";
  if (wanted == Dhcpv6::none) return "";
  return card.link.ra_managed ? "stateful" : card.link.ra_other ? "stateless" : "";
}

/// Another one for each card, and never the metadata service's own.
Prefix link_local_ipv4_of(const Link& link) {
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint8_t>(std::strtoul(link.mac.substr(at, 2).c_str(), nullptr, 16));
  };
  if (link.mac.size() != 17) return {};
  const auto third = static_cast<std::uint8_t>(1 + byte(12) % 168),
             fourth = static_cast<std::uint8_t>(1 + byte(15) % 254);
  return {Address{false, {169, 254, third, fourth}}, 16};
}

bool has_ipv4(const LinkWish& wish) {
  return std::ranges::any_of(wish.addresses, [](const Prefix& prefix) { return !prefix.address.ipv6; });
}

}  // namespace

bool can_send_ipv4(const Interface& card) {
  const auto ready = [](const LinkAddress& address) { return !address.ipv6; };
  const auto on_link = [](const Prefix& prefix) { return !prefix.address.ipv6 && is_link_local(prefix.address); };
  // A planned address is ready without a carrier, too.
  return card.link.carrier &&
         (std::ranges::any_of(card.addresses, ready) || std::ranges::any_of(card.settings.wish().addresses, on_link));
}

std::string dhcp_service_name(const std::string& interface) { return "dhcp-" + interface; }
std::string dhcp6_service_name(const std::string& interface) { return "dhcp6-" + interface; }

void Network::configure(Interface& card) {
  const PlannedLink* plan = planned(plan_, assignment_, card.link.name);
  card.origin = plan == nullptr ? "" : origin_;
  configure_router_advertisements(card, plan);
  configure_dhcp(card, plan);
  configure_dhcp6(card, plan);
  const LinkWish wish = make_wish_of(card, plan);
  if (!card.link.up) return;  // routes of a link that is down are refused
  card.settings.apply(*links_, card.link, wish, [this](const Status& status) { check(status); });
  watch_gateways(card);
}

/// With several cards replies leave by the card that was spoken to.
LinkWish Network::make_wish_of(const Interface& card, const PlannedLink* plan) const {
  LinkWish wish;
  if (card.member) return wish;
  wish = make_wish(plan, card.lease, card.lease6, card.metric);
  if (options_.link_local_ipv4 && card.link.carrier && !has_ipv4(wish)) {
    const Prefix own = link_local_ipv4_of(card.link);
    if (!own.address.is_none()) wish.addresses.push_back(own);
  }
  if (card.dhcp_beside_plan) put_last(wish, card.silent, card.lease);
  std::vector<Prefix> others;
  for (const LinkAddress& address : card.addresses) {
    const auto known = parse_address(address.text);
    const auto ours = [&](const Prefix& own) { return own.address == *known; };
    if (address.ipv6 && known && std::ranges::none_of(wish.addresses, ours))
      others.push_back({*known, address.prefix_length});
  }
  if (cards_.size() > 1 && (!wish.addresses.empty() || !others.empty()))
    add_table(wish, first_table + static_cast<std::uint32_t>(card.link.index), others, card.routers, card.metric);
  return wish;
}

void Network::configure_router_advertisements(const Interface& card, const PlannedLink* plan) {
  if (card.plan == plans_) return;
  cards_.at(card.link.name).plan = plans_;
  set_router_advertisements(card.link.name, !card.member && (plan == nullptr || plan->accept_ra.value_or(true)));
}

/// It stays for renewals once it was started, carrier or not.
void Network::configure_dhcp(Interface& card, const PlannedLink* plan) {
  const bool planned = plan != nullptr && !plan->dhcp4 && !card.dhcp_beside_plan;
  const bool wanted = dhcp_may_begin_ && !card.member && !planned && (card.link.carrier || card.dhcp);
  if (wanted == card.dhcp) return;
  card.dhcp = wanted;
  if (wanted) return start_dhcp(card.link.name);
  services_.stop(dhcp_service_name(card.link.name));
  ::unlink((options_.lease_folder + "/" + card.link.name + ".lease").c_str());
  card.lease.reset();
}

void Network::configure_dhcp6(Interface& card, const PlannedLink* plan) {
  const std::string mode = card.member ? "" : dhcp6_mode(card, plan);
  if (mode == card.dhcp6 || (!mode.empty() && !card.link_local)) return;
  card.dhcp6 = mode;
  const std::string& name = card.link.name;
  if (!mode.empty())
    return services_.restart(
        {.name = dhcp6_service_name(name), .command = [client = options_.dhcp6_client, name, mode] {
           return Command{.argv = {client, name, mode}};
         }});
  services_.stop(dhcp6_service_name(name));
  ::unlink((options_.lease_folder + "/" + name + ".lease6").c_str());
  card.lease6.reset();
}

/// -f keeps it in the foreground, -a has it ask whether somebody has the address already (and decline it then); the
/// rest is what it does not ask for by itself.
void Network::start_dhcp(const std::string& name) {
  std::vector<std::string> argv{options_.busybox, "udhcpc", "-f", "-i", name, "-s", options_.dhcp_script};
  for (const char* word : {"-a200", "-t", "5", "-T", "2", "-A", "5"}) argv.emplace_back(word);
  for (const char* option : {"mtu", "staticroutes", "msstaticroutes", "search"})
    argv.insert(argv.end(), {"-O", option});
  services_.restart({.name = dhcp_service_name(name), .command = [argv] { return Command{.argv = argv}; }});
}

void Network::watch_gateways(Interface& card) {
  std::vector<Gateway> gateways;
  for (const Address& gateway : gateways_of(card.settings.wish())) gateways.push_back({.address = gateway});
  for (const Address& router : card.routers) gateways.push_back({.address = router, .by_router = true});
  if (std::ranges::equal(gateways, card.gateways, {}, &Gateway::address, &Gateway::address)) return;
  for (Gateway& gateway : gateways) {
    const auto known = std::ranges::find(card.gateways, gateway.address, &Gateway::address);
    if (known != card.gateways.end()) gateway.state = known->state;
    static_cast<void>(links_->ask_neighbour(card.link, gateway.address));  // told by what is found then
  }
  card.gateways = std::move(gateways);
  if (card.gateways.empty() || card.looks > std::size(gateway_looks)) return;
  card.looks += std::size(gateway_looks);
  for (const Milliseconds look : gateway_looks)
    loop_.after(look, [this, name = card.link.name] { look_at_gateways(name); });
}

void Network::look_at_gateways(const std::string& name) {
  const auto entry = cards_.find(name);
  if (entry == cards_.end()) return;
  Interface& card = entry->second;
  if (card.looks > 0) --card.looks;
  bool changed = false;
  for (Gateway& gateway : card.gateways) {
    const auto state = links_->neighbour(card.link, gateway.address);
    if (!state || *state == gateway.state || *state == Neighbour::unknown) continue;
    gateway.state = *state;
    changed = true;
  }
  if (!changed) return;
  take_silent_gateways(card);
  refresh();
}

/// A plan whose gateways keep silent may be an old one, or another network's: DHCP is asked beside it. One family of it
/// may be right.
void Network::take_silent_gateways(Interface& card) {
  const PlannedLink* plan = planned(plan_, assignment_, card.link.name);
  if (plan == nullptr || !card.link.carrier) return;
  for (const bool ipv6 : {false, true}) {
    std::vector<Address> silent;
    bool answered = false;
    for (const Gateway& gateway : card.gateways) {
      const auto is_default = [&](const Route& route) {
        return route.to.length == 0 && route.gateway == gateway.address;
      };
      if (gateway.address.ipv6 != ipv6 || std::ranges::none_of(plan->routes, is_default)) continue;
      if (gateway.state == Neighbour::silent) silent.push_back(gateway.address);
      answered = answered || gateway.state != Neighbour::silent;
    }
    if (silent.empty() || answered || std::ranges::find(card.silent, silent.front()) != card.silent.end()) continue;
    card.silent.insert(card.silent.end(), silent.begin(), silent.end());
    tell_(card.link.name + ": the gateway " + to_text(silent.front()) + " (from the " + card.origin +
          ") does not answer. " +
          (plan->dhcp4 ? "It comes last now" : "DHCP is asked as well, and what that says goes first"));
    card.dhcp_beside_plan = true;
  }
}

}  // namespace lifeboat::init
