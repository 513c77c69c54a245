// What clouds say of the network: the first byte picks the document, the rest is it. Whatever comes, PID 1 can read the
// plan, and it is bounded.
#include <array>
#include <set>

#include "init/fuzz/input.hpp"
#include "init/net/lease.hpp"
#include "init/source/digitalocean_service.hpp"
#include "init/source/hetzner_service.hpp"
#include "init/source/network_config.hpp"
#include "init/source/network_data.hpp"
#include "init/source/vultr_service.hpp"
#include "init/source/xenstore_network.hpp"

using namespace lifeboat::init;

namespace {

Result<NetworkPlan> parse_xenstore(std::string_view text) {
  const std::size_t half = text.find('\n');
  std::vector<std::string> documents{std::string(text.substr(0, half))};
  if (half != std::string_view::npos) documents.emplace_back(text.substr(half + 1));
  return parse_xenstore_network(documents);
}

Result<NetworkPlan> network_of(Result<Findings> findings) {
  if (!findings) return findings.failure();
  fuzz::require_usable(*findings);
  return findings->network;
}

Result<NetworkPlan> parse_digitalocean(std::string_view text) { return network_of(parse_digitalocean_metadata(text)); }
Result<NetworkPlan> parse_vultr(std::string_view text) { return network_of(parse_vultr_metadata(text)); }

/// A new one goes last: the corpus' first letters count from 'a'.
constexpr std::array parsers{parse_network_data, parse_network_config, parse_hetzner_network,
                             parse_xenstore,     parse_digitalocean,   parse_vultr};

void require_sound(const PlannedLink& link, const std::set<std::string>& before) {
  fuzz::require(!link.id.empty() && before.count(link.id) == 0);
  fuzz::require(link.kind == LinkKind::card ? !link.mac.empty() || !link.name.empty() : is_interface_name(link.name));
  fuzz::require(link.kind != LinkKind::vlan || before.count(link.parent) != 0);
  for (const std::string& member : link.members) fuzz::require(before.count(member) != 0);
  for (const auto size : {link.members.size(), link.options.size(), link.addresses.size(), link.routes.size(),
                          link.dns.size(), link.search.size()})
    fuzz::require(size <= most_planned_values);
  for (const Prefix& address : link.addresses) fuzz::require(is_usable_host(address.address));
  for (const Route& route : link.routes) fuzz::require(route.gateway.ipv6 == route.to.address.ipv6);
}

void require_sound(const NetworkPlan& plan) {
  fuzz::require(plan.links.size() <= most_planned_links && plan.notes.size() <= most_planned_values);
  std::set<std::string> before, names;
  for (const PlannedLink& link : plan.links) {
    require_sound(link, before);
    before.insert(link.id);
    fuzz::require(link.kind == LinkKind::card || names.insert(link.name).second);
  }
  const auto read = parse_plan(to_text(plan));
  fuzz::require(read && *read == plan);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  if (const auto plan = parse_plan(text)) fuzz::require(parse_plan(to_text(*plan)) == *plan);
  const auto plan = parsers[(data[0] - std::size_t{'a'}) % parsers.size()](text);
  if (plan) require_sound(*plan);
  if (!plan) fuzz::require(!plan.error().empty());
  return 0;
}
