// The lease as lines "key=value": what the DHCP script leaves for PID 1, and a person can read.
#include "init/contract/text.hpp"
#include "init/net/lease.hpp"

namespace lifeboat::init {
namespace {

std::string line(std::string_view key, const std::string& value) { return std::string(key) + "=" + value + "\n"; }

bool read_route(Lease& lease, std::string_view value) {
  const auto words = contract::split_words(value, " ");
  const auto to = words.size() == 2 ? parse_prefix(words[0]) : std::nullopt;
  const auto gateway = to ? parse_address(words[1]) : std::nullopt;
  if (gateway) lease.routes.push_back({*to, *gateway});
  return gateway.has_value();
}

bool read_address(std::optional<Address> address, Address& into) {
  if (address) into = *address;
  return address.has_value();
}

/// False: the value does not fit the key. An unknown key is passed over.
bool read_field(Lease& lease, std::string_view key, std::string_view value) {
  if (key == "interface") lease.interface = value;
  if (key == "search") lease.search.emplace_back(value);
  if (key == "hostname") lease.hostname = value;
  if (key == "note") lease.notes.emplace_back(value);
  if (key == "route") return read_route(lease, value);
  if (key == "dns") return read_address(parse_address(value), lease.dns.emplace_back());
  if (key == "server") return read_address(parse_address(value), lease.server);
  if (key == "mtu" || key == "seconds") {
    const auto number = contract::parse_number(value, key == "mtu" ? 65535 : 0xffffffff);
    if (number && key == "mtu") lease.mtu = static_cast<int>(*number);
    if (number && key == "seconds") lease.seconds = static_cast<std::uint32_t>(*number);
    return number.has_value();
  }
  if (key == "address") {
    const auto prefix = parse_prefix(value);
    if (prefix) lease.address = *prefix;
    return prefix.has_value();
  }
  return true;
}

}  // namespace

std::string to_text(const Lease& lease) {
  std::string text = line("interface", lease.interface) + line("address", to_text(lease.address));
  for (const Route& route : lease.routes) text += line("route", to_text(route.to) + " " + to_text(route.gateway));
  if (lease.mtu != 0) text += line("mtu", std::to_string(lease.mtu));
  for (const Address& server : lease.dns) text += line("dns", to_text(server));
  for (const std::string& domain : lease.search) text += line("search", domain);
  if (!lease.hostname.empty()) text += line("hostname", lease.hostname);
  text += line("server", to_text(lease.server)) + line("seconds", std::to_string(lease.seconds));
  for (const std::string& note : lease.notes) text += line("note", note);
  return text;
}

std::optional<Lease> parse_lease(std::string_view text) {
  Lease lease;
  for (std::string_view entry : contract::split_words(text, "\n")) {
    const auto assignment = contract::split_assignment(entry);
    if (!assignment || !read_field(lease, assignment->first, assignment->second)) return std::nullopt;
  }
  if (!is_interface_name(lease.interface) || lease.address.address == Address{}) return std::nullopt;
  return lease;
}

}  // namespace lifeboat::init
