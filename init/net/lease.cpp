#include "init/net/lease.hpp"

#include <algorithm>

#include "init/contract/text.hpp"

namespace lifeboat::init {
namespace {

using contract::parse_number;
using contract::split_words;

constexpr std::size_t most_values = 32;
/// RFC 791's smallest, and what a 16-bit option can say.
constexpr int smallest_mtu = 576;
constexpr int largest_mtu = 65535;

std::string_view value_of(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value == nullptr ? std::string_view{} : value;
}

/// DHCPv4 has nothing to say of the other family.
std::optional<Address> ipv4(std::string_view text) {
  const auto address = parse_address(text);
  return address && !address->ipv6 ? address : std::nullopt;
}

void read_address(Lease& lease, const Environment& environment) {
  const auto address = ipv4(value_of(environment, "ip"));
  const auto length = parse_number(value_of(environment, "mask"), 32);
  const auto mask = ipv4(value_of(environment, "subnet"));
  const auto from_mask = mask ? length_of_mask(*mask) : std::nullopt;
  if (address && is_usable_host(*address)) lease.address.address = *address;
  lease.address.length = length ? static_cast<int>(*length) : from_mask.value_or(24);
}

/// "10.1.0.0/16 10.0.2.1 0.0.0.0/0 10.0.2.2": pairs.
void read_classless_routes(Lease& lease, std::string_view text) {
  const auto words = split_words(text, " ");
  for (std::size_t i = 0; i + 1 < words.size() && lease.routes.size() < most_values; i += 2) {
    const auto to = parse_prefix(words[i]);
    const auto gateway = ipv4(words[i + 1]);
    if (to && !to->address.ipv6 && gateway) {
      lease.routes.push_back({{network_of(*to), to->length}, *gateway});
    } else {
      lease.notes.push_back("route left out: " +
                            contract::in_quotes(std::string(words[i]) + " " + std::string(words[i + 1])));
    }
  }
}

void read_routes(Lease& lease, const Environment& environment) {
  for (const char* option : {"staticroutes", "msstaticroutes"})
    if (lease.routes.empty()) read_classless_routes(lease, value_of(environment, option));
  if (lease.routes.empty())
    for (std::string_view word : split_words(value_of(environment, "router"), " ")) {
      const auto gateway = ipv4(word);
      if (gateway && is_usable_host(*gateway)) {
        lease.routes.push_back({{Address{}, 0}, *gateway});
        break;
      }
      lease.notes.push_back("router left out: " + contract::in_quotes(word));
    }
  std::ranges::stable_sort(lease.routes, [](const Route& a, const Route& b) {
    const auto rank = [](const Route& route) { return route.to.length == 0 ? 2 : route.gateway.is_none() ? 0 : 1; };
    return rank(a) < rank(b);
  });
}

void read_dns(Lease& lease, const Environment& environment) {
  for (std::string_view word : split_words(value_of(environment, "dns"), " ")) {
    const auto server = ipv4(word);
    if (server && !server->is_none() && lease.dns.size() < most_values) lease.dns.push_back(*server);
  }
}

/// udhcpc says "bad" for a name that it found unfit.
void read_names(Lease& lease, const Environment& environment) {
  for (const char* option : {"search", "domain"})
    if (lease.search.empty())
      for (std::string_view word : split_words(value_of(environment, option), " "))
        if (is_host_name(word) && word != "bad" && lease.search.size() < 6) lease.search.emplace_back(word);
  const std::string_view name = value_of(environment, "hostname");
  if (is_host_name(name) && name != "bad") lease.hostname = name;
}

void read_numbers(Lease& lease, const Environment& environment) {
  const std::string_view mtu = value_of(environment, "mtu");
  const auto number = parse_number(mtu, largest_mtu);
  if (number && *number >= smallest_mtu) {
    lease.mtu = static_cast<int>(*number);
  } else if (!mtu.empty()) {
    lease.notes.push_back("MTU left out: " + contract::in_quotes(mtu));
  }
  lease.seconds = static_cast<std::uint32_t>(parse_number(value_of(environment, "lease"), 0xffffffff).value_or(0));
  if (const auto server = ipv4(value_of(environment, "serverid"))) lease.server = *server;
}

}  // namespace

Result<Lease> lease_from_environment(const Environment& environment) {
  Lease lease;
  lease.interface = value_of(environment, "interface");
  if (!is_interface_name(lease.interface))
    return Failure{"DHCP: no such interface: " + contract::in_quotes(lease.interface)};
  read_address(lease, environment);
  if (lease.address.address.is_none())
    return Failure{"DHCP on " + lease.interface +
                   ": no usable address: " + contract::in_quotes(value_of(environment, "ip"))};
  read_routes(lease, environment);
  read_dns(lease, environment);
  read_names(lease, environment);
  read_numbers(lease, environment);
  return lease;
}

bool is_interface_name(std::string_view name) {
  return !name.empty() && name.size() < 16 && name != "." && name != ".." &&
         std::ranges::none_of(name, [](unsigned char c) { return c <= 0x20 || c >= 0x7f || c == '/' || c == ':'; });
}

bool is_host_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= 253 && name.front() != '-' && name.front() != '.' &&
         std::ranges::all_of(name, fits);
}

}  // namespace lifeboat::init
