#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "init/net/plan.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// What `rescue network set` was asked for: "ADDRESS/LENGTH... [via GATEWAY]... [dns SERVER]... [dev CARD]".
/// `cards` are the machine's, those with a carrier first; without "dev" the only one, or the only one with a carrier.
/// A Failure says which word is wrong, and what would be right.
Result<NetworkPlan> parse_network_words(std::span<const std::string_view> words, const std::vector<std::string>& cards,
                                        std::size_t with_carrier);

/// `rescue network [set ... | reset]`. Returns the exit status.
int run_network_command(std::span<const std::string_view> arguments);

}  // namespace lifeboat::init
