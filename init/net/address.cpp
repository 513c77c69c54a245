#include "init/net/address.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "init/contract/text.hpp"

namespace lifeboat::init {
namespace {

std::optional<Address> parse_ipv4(std::string_view text) {
  Address address;
  for (std::size_t part = 0; part < 4; ++part) {
    const std::size_t end = part < 3 ? text.find('.') : text.size();
    if (end > 3) return std::nullopt;  // or there is no dot
    const auto number = contract::parse_number(text.substr(0, end), 255);
    if (!number) return std::nullopt;
    address.bytes[part] = static_cast<std::uint8_t>(*number);
    text.remove_prefix(part < 3 ? end + 1 : end);
  }
  return address;
}

std::optional<Address> parse_ipv6(std::string_view text) {
  Address address{true, {}};
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) return std::nullopt;
  if (::inet_pton(AF_INET6, std::string(text).c_str(), address.bytes.data()) != 1) return std::nullopt;
  return address;
}

/// The byte of a mask of so many bits.
std::uint8_t mask_byte(int length, std::size_t index) {
  const int bits = std::clamp(length - 8 * static_cast<int>(index), 0, 8);
  return static_cast<std::uint8_t>(0xff00 >> bits);
}

}  // namespace

Address Address::from_bytes(std::string_view network_order) {
  Address address{network_order.size() == 16, {}};
  if (network_order.size() == 4 || network_order.size() == 16)
    std::ranges::transform(network_order, address.bytes.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return address;
}

std::string_view Address::view() const {
  return {reinterpret_cast<const char*>(bytes.data()), ipv6 ? std::size_t{16} : std::size_t{4}};
}

std::optional<Address> parse_address(std::string_view text) {
  return text.find(':') == std::string_view::npos ? parse_ipv4(text) : parse_ipv6(text);
}

std::string to_text(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(address.ipv6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(), text.size());
  return text.data();
}

std::optional<Prefix> parse_prefix(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto length = contract::parse_number(text.substr(slash + 1), static_cast<std::uint64_t>(address->bits()));
  if (!length) return std::nullopt;
  return Prefix{*address, static_cast<int>(*length)};
}

std::string to_text(const Prefix& prefix) { return to_text(prefix.address) + "/" + std::to_string(prefix.length); }

Address network_of(const Prefix& prefix) {
  Address network = prefix.address;
  for (std::size_t i = 0; i < network.bytes.size(); ++i)
    network.bytes[i] = static_cast<std::uint8_t>(network.bytes[i] & mask_byte(prefix.length, i));
  return network;
}

bool contains(const Prefix& prefix, const Address& address) {
  return prefix.address.ipv6 == address.ipv6 && network_of({address, prefix.length}) == network_of(prefix);
}

std::optional<int> length_of_mask(const Address& mask) {
  for (int length = 0; length <= mask.bits(); ++length) {
    Address whole{mask.ipv6, {}};
    for (std::size_t i = 0; i < mask.view().size(); ++i) whole.bytes[i] = mask_byte(length, i);
    if (whole == mask) return length;
  }
  return std::nullopt;
}

bool is_usable_host(const Address& address) {
  const int first = address.bytes[0];
  if (!address.ipv6) return first != 0 && first != 127 && first < 224;
  Address loopback{true, {}};
  loopback.bytes[15] = 1;
  return first != 0xff && !address.is_none() && address != loopback;
}

bool is_link_local(const Address& address) {
  if (address.ipv6) return address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
  return address.bytes[0] == 169 && address.bytes[1] == 254;
}

std::optional<std::string> parse_mac(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  std::string mac;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'F' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    const bool separator = i % 3 == 2;
    if (separator ? c != ':' && c != '-' : (c < '0' || c > '9') && (c < 'a' || c > 'f')) return std::nullopt;
    mac += separator ? ':' : c;
  }
  return mac;
}

}  // namespace lifeboat::init
