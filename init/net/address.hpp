#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lifeboat::init {

/// An IPv4 address, host byte order.
struct Ipv4 {
  std::uint32_t value = 0;
  bool operator==(const Ipv4&) const = default;
};

/// Four decimal numbers and dots; no other form.
std::optional<Ipv4> parse_ipv4(std::string_view text);
std::string to_text(Ipv4 address);

/// An address with the length of its network: "10.0.2.15/24".
struct Ipv4Prefix {
  Ipv4 address;
  int length = 32;  ///< 0 to 32
  bool operator==(const Ipv4Prefix&) const = default;
};

std::optional<Ipv4Prefix> parse_ipv4_prefix(std::string_view text);
std::string to_text(const Ipv4Prefix& prefix);

/// With the bits behind the length cleared.
Ipv4 network_of(const Ipv4Prefix& prefix);
bool contains(const Ipv4Prefix& prefix, Ipv4 address);
/// "255.255.255.0" -> 24. Nothing for a mask with holes.
std::optional<int> length_of_mask(Ipv4 mask);

/// Can belong to one machine: not 0.x, not loopback, not multicast or above.
bool is_usable_host(Ipv4 address);

}  // namespace lifeboat::init
