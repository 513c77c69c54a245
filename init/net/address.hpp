#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lifeboat::init {

/// An IPv4 or IPv6 address in network byte order. Without a value: 0.0.0.0 ("none").
struct Address {
  bool ipv6 = false;
  std::array<std::uint8_t, 16> bytes{};  ///< IPv4: the first four

  static Address from_bytes(std::string_view network_order);  ///< 4 or 16 bytes; any other count gives "none"

  std::string_view view() const;
  int bits() const { return ipv6 ? 128 : 32; }
  bool is_none() const { return *this == Address{ipv6, {}}; }
  auto operator<=>(const Address&) const = default;
};

/// IPv4 as four decimal numbers and dots, no other form; IPv6 as RFC 4291 writes it, without a zone.
std::optional<Address> parse_address(std::string_view text);
std::string to_text(const Address& address);

/// An address with the length of its network: "10.0.2.15/24".
struct Prefix {
  Address address;
  int length = 32;  ///< 0 to address.bits()
  auto operator<=>(const Prefix&) const = default;
};

/// "ADDRESS/LENGTH"; the length in digits.
std::optional<Prefix> parse_prefix(std::string_view text);
std::string to_text(const Prefix& prefix);

/// With the bits behind the length cleared.
Address network_of(const Prefix& prefix);
bool contains(const Prefix& prefix, const Address& address);
/// "255.255.255.0" -> 24, "ffff:ffff::" -> 32. Nothing for a mask with holes.
std::optional<int> length_of_mask(const Address& mask);

/// Can belong to one machine: not none, not loopback, not multicast; of IPv4 not 0.x and not 224.x or above.
bool is_usable_host(const Address& address);
/// fe80::/10 or 169.254.0.0/16.
bool is_link_local(const Address& address);

/// "52:54:00:12:34:56" of any case and with '-' as well; nothing for what is no Ethernet address.
std::optional<std::string> parse_mac(std::string_view text);

}  // namespace lifeboat::init
