#include "init/source/plan_values.hpp"

#include <strings.h>

#include <array>

#include "init/contract/text.hpp"

namespace lifeboat::init {
namespace {

constexpr int smallest_mtu = 576, largest_mtu = 65535;  // as of DHCP's

bool is_one_of(std::string_view text, const std::array<std::string_view, 4>& words) {
  return std::ranges::any_of(words, [&](std::string_view word) {
    return word.size() == text.size() && ::strncasecmp(word.data(), text.data(), word.size()) == 0;
  });
}

}  // namespace

std::optional<int> parse_mask(std::string_view text, bool ipv6) {
  if (const auto length = contract::parse_number(text, ipv6 ? 128 : 32)) return static_cast<int>(*length);
  const auto mask = parse_address(text);
  return mask && mask->ipv6 == ipv6 ? length_of_mask(*mask) : std::nullopt;
}

std::optional<Prefix> parse_prefix(std::string_view text, std::string_view mask, int (*usual)(const Address& address)) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash != std::string_view::npos) mask = text.substr(slash + 1);
  if (slash == std::string_view::npos && mask.empty()) return Prefix{*address, usual(*address)};
  const auto length = parse_mask(mask, address->ipv6);
  return length ? std::optional(Prefix{*address, *length}) : std::nullopt;
}

int length_of_host(const Address& address) { return address.is_none() ? 0 : address.bits(); }

std::optional<int> parse_mtu(std::string_view text) {
  const auto mtu = contract::parse_number(text, largest_mtu);
  return mtu && *mtu >= smallest_mtu ? std::optional(static_cast<int>(*mtu)) : std::nullopt;
}

std::optional<Address> parse_name_server(std::string_view word) {
  if (word.starts_with('[') && word.ends_with(']')) word = word.substr(1, word.size() - 2);
  const auto server = parse_address(word);
  return server && is_usable_host(*server) ? server : std::nullopt;
}

std::optional<bool> parse_truth(std::string_view text) {
  if (is_one_of(text, {"true", "yes", "on", "1"})) return true;
  if (is_one_of(text, {"false", "no", "off", "0"})) return false;
  return std::nullopt;
}

bool is_yes(std::string_view text) { return parse_truth(text).value_or(false); }

}  // namespace lifeboat::init
