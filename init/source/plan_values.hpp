#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/contract/text.hpp"
#include "init/net/plan.hpp"

namespace lifeboat::init {

/// What stands between several values in one text.
inline constexpr std::string_view value_separators = " \t\r\n,;";

/// "24" and "255.255.255.0" are 24. Nothing for a mask with holes, or of the other family.
std::optional<int> parse_mask(std::string_view text, bool ipv6);
/// "ADDRESS/LENGTH", or ADDRESS with a mask beside it. With neither `usual` knows the length.
std::optional<Prefix> parse_prefix(std::string_view text, std::string_view mask, int (*usual)(const Address& address));
/// Of a route's target: one machine, or everything.
int length_of_host(const Address& address);
/// Within what a plan may have. IPv6 demands 1280 where it is used; IPv4's smallest is a card's that has no IPv6.
std::optional<int> parse_mtu(std::string_view text);
/// An address of another machine; "[ADDRESS]" as well.
std::optional<Address> parse_name_server(std::string_view word);
/// true, yes, on, 1 and their contraries, in any case; nothing of anything else.
std::optional<bool> parse_truth(std::string_view text);
bool is_yes(std::string_view text);
using contract::in_quotes;

/// Each once. False: there are too many.
template <class Value>
bool add_once(std::vector<Value>& values, const Value& value) {
  if (std::ranges::find(values, value) != values.end()) return true;
  if (values.size() == most_planned_values) return false;
  values.push_back(value);
  return true;
}

}  // namespace lifeboat::init
