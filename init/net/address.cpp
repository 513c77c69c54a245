#include "init/net/address.hpp"

#include <bit>

#include "init/contract/text.hpp"

namespace lifeboat::init {
namespace {

std::uint32_t mask_of(int length) { return length == 0 ? 0 : ~std::uint32_t{0} << (32 - length); }

}  // namespace

std::optional<Ipv4> parse_ipv4(std::string_view text) {
  std::uint32_t value = 0;
  for (int part = 0; part < 4; ++part) {
    const std::size_t end = part < 3 ? text.find('.') : text.size();
    if (end > 3) return std::nullopt;  // or there is no dot
    const auto number = contract::parse_number(text.substr(0, end), 255);
    if (!number) return std::nullopt;
    value = value << 8 | static_cast<std::uint32_t>(*number);
    text.remove_prefix(part < 3 ? end + 1 : end);
  }
  return Ipv4{value};
}

std::string to_text(Ipv4 address) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8)
    text += std::to_string(address.value >> shift & 0xff) + (shift > 0 ? "." : "");
  return text;
}

std::optional<Ipv4Prefix> parse_ipv4_prefix(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = parse_ipv4(text.substr(0, slash));
  const auto length = contract::parse_number(text.substr(slash + 1), 32);
  if (!address || !length) return std::nullopt;
  return Ipv4Prefix{*address, static_cast<int>(*length)};
}

std::string to_text(const Ipv4Prefix& prefix) { return to_text(prefix.address) + "/" + std::to_string(prefix.length); }

Ipv4 network_of(const Ipv4Prefix& prefix) { return {prefix.address.value & mask_of(prefix.length)}; }

bool contains(const Ipv4Prefix& prefix, Ipv4 address) {
  return (address.value & mask_of(prefix.length)) == network_of(prefix).value;
}

std::optional<int> length_of_mask(Ipv4 mask) {
  const int length = std::countl_one(mask.value);
  if (mask.value != mask_of(length)) return std::nullopt;
  return length;
}

bool is_usable_host(Ipv4 address) {
  const std::uint32_t first = address.value >> 24;
  return first != 0 && first != 127 && first < 224;
}

}  // namespace lifeboat::init
