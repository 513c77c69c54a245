#include "init/boot/network_report.hpp"

#include <algorithm>

#include "init/boot/login.hpp"
#include "init/boot/sources.hpp"

namespace lifeboat::init {
namespace {

InterfaceReport describe(const Interface& card) {
  InterfaceReport report{card.link.name, card.link.mac, card.link.carrier, {}, card.link.mtu, {}};
  for (const LinkAddress& address : card.addresses)
    report.addresses.push_back(address.text + "/" + std::to_string(address.prefix_length));
  if (card.lease)
    for (const Address& server : card.lease->dns) report.dns.push_back(to_text(server));
  return report;
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
  machine.report.interfaces.clear();
  for (const Interface& card : machine.network->interfaces()) machine.report.interfaces.push_back(describe(card));
  tell_sources_of_network(machine);
  if (!machine.report.ready || machine.announced_addresses == machine.network->addresses()) return;
  say_new_addresses(machine);
  machine.publish_report();
}

}  // namespace lifeboat::init
