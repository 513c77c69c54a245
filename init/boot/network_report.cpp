#include "init/boot/network_report.hpp"

#include <algorithm>

#include "init/boot/login.hpp"
#include "init/boot/sources.hpp"
#include "init/sys/mount.hpp"

namespace lifeboat::init {
namespace {

std::string driver_of(const std::string& interface) {
  const std::string path = real_path("/sys/class/net/" + interface + "/device/driver");
  return path.substr(path.rfind('/') + 1);
}

/// How a card came by what it has, or why it has nothing.
std::string how_configured(const Interface& card) {
  if (card.member) return "";
  std::string how = card.origin.empty() ? "" : "from the " + card.origin;
  const auto add = [&how](const std::string& more) { how += (how.empty() ? "" : ", ") + more; };
  if (card.lease)
    add("by DHCP" + (card.lease->server.is_none() ? "" : " from " + to_text(card.lease->server)));
  else if (card.dhcp)
    add("no DHCP server has answered");
  if (card.lease6) add("by DHCPv6");
  const bool by_router = std::ranges::any_of(card.addresses, [&](const LinkAddress& address) {
    const auto known = parse_address(address.text);
    return address.ipv6 && known && std::ranges::none_of(card.settings.wish().addresses, [&](const Prefix& prefix) {
             return prefix.address == *known;
           });
  });
  if (by_router) add("by router advertisements");
  return how;
}

std::string gateway_text(const Gateway& gateway) {
  const char* state = gateway.state == Neighbour::reachable ? " answers"
                      : gateway.state == Neighbour::silent  ? " does not answer"
                                                            : " (not known yet whether it answers)";
  return to_text(gateway.address) + (gateway.by_router ? " (by router advertisements)" : "") + state;
}

InterfaceReport describe(const Interface& card) {
  InterfaceReport report{card.link.name, card.link.mac, card.link.carrier, {}, card.link.mtu, {}};
  report.driver = driver_of(card.link.name);
  report.configured = how_configured(card);
  report.member = card.member;
  for (const LinkAddress& address : card.addresses)
    report.addresses.push_back(address.text + "/" + std::to_string(address.prefix_length));
  for (const Gateway& gateway : card.gateways) report.gateways.push_back(gateway_text(gateway));
  for (const auto* lease : {&card.lease, &card.lease6})
    if (*lease)
      for (const Address& server : (*lease)->dns) report.dns.push_back(to_text(server));
  const Names heard = card.names.names();
  report.dns.insert(report.dns.end(), heard.servers.begin(), heard.servers.end());
  return report;
}

std::string joined_cards(const Network& network) {
  std::string text;
  for (const Interface& card : network.interfaces()) {
    if (card.member) continue;
    const std::string how = how_configured(card);
    text += (text.empty() ? "" : "; ") + card.link.name + ": " +
            (!card.link.carrier ? "no carrier"
             : how.empty()      ? "nothing has answered"
                                : how);
  }
  return text.empty() ? "there is no card" : text;
}

std::string original_why(const Machine& machine) {
  if (!machine.report.image.original_network) return "the recipe does not ask for it (network.fallback)";
  return machine.network_choice.original_why.empty() ? "it was not needed" : machine.network_choice.original_why;
}

std::vector<RungReport> describe_rungs(const Machine& machine) {
  const std::string& origin = machine.network->plan_origin();
  const auto& choice = machine.network_choice;
  std::string missing;
  for (const std::string& card : machine.network->missing_cards())
    missing += "; this machine has no card for its " + card;
  const bool by_hand = choice.by_hand.has_value(), original = origin == "original system";
  const bool sources = !origin.empty() && !by_hand && !original;
  return {{"By hand", by_hand, by_hand ? "rescue network set" + missing : "`rescue network set` was not used"},
          {"Sources", sources,
           sources   ? "the " + origin + missing
           : by_hand ? "set by hand"
                     : "no source has a network configuration"},
          {"DHCP and RA",
           std::ranges::any_of(machine.network->interfaces(),
                               [](const Interface& card) { return card.dhcp || card.origin.empty(); }),
           joined_cards(*machine.network)},
          {"Original", original, original ? "the original system's configuration" + missing : original_why(machine)}};
}

/// Whoever waits for the READY line waits for an address: without one it was said too early, and is said again.
void say_new_addresses(Machine& machine) {
  const auto addresses = machine.network->addresses();
  const bool had_none = machine.announced_addresses.empty();
  for (const std::string& address : addresses)
    if (std::ranges::find(machine.announced_addresses, address) == machine.announced_addresses.end())
      machine.say("New network address: " + address);
  if (had_none && !addresses.empty()) say_ready(machine);
  machine.announced_addresses = addresses;
}

}  // namespace

void take_network_change(Machine& machine) {
  if (!machine.network) return;
  const std::string before = network_text(machine.report);
  machine.report.interfaces.clear();
  for (const Interface& card : machine.network->interfaces()) machine.report.interfaces.push_back(describe(card));
  machine.report.rungs = describe_rungs(machine);
  tell_sources_of_network(machine);
  if (machine.access_taken) take_host_name(machine);
  if (!machine.report.ready) return;
  const bool new_addresses = machine.announced_addresses != machine.network->addresses();
  if (new_addresses) say_new_addresses(machine);
  // Whether a gateway answers, and a router's names, come after the addresses.
  if (new_addresses || network_text(machine.report) != before) machine.publish_report();
}

}  // namespace lifeboat::init
