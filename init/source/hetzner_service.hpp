#pragma once
#include <string_view>

#include "init/source/findings.hpp"
#include "init/source/http.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

Belonging is_hetzner(const Platform& platform);

/// Hetzner Cloud: keys, the host name and the network.
Result<Findings> read_hetzner_ipv4(HttpClient& http);
Result<Findings> read_hetzner_ipv6(HttpClient& http);

/// public-keys: a list as JSON, or as YAML, which the rest of the service speaks.
Result<Findings> parse_hetzner_keys(std::string_view text);

/// The whole metadata, a YAML document: its network-config is cloud-init's version 1.
Result<NetworkPlan> parse_hetzner_network(std::string_view yaml);

}  // namespace lifeboat::init
