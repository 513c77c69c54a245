#pragma once
#include <string_view>

#include "init/source/findings.hpp"
#include "init/source/http.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

Belonging is_scaleway(const Platform& platform);

/// Scaleway: keys, also those in tags "AUTHORIZED_KEY=", and the host name.
Result<Findings> read_scaleway_ipv4(HttpClient& http);
Result<Findings> read_scaleway_ipv6(HttpClient& http);
Result<Findings> parse_scaleway_conf(std::string_view json);

}  // namespace lifeboat::init
