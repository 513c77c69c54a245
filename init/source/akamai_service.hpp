#pragma once
#include <string_view>

#include "init/source/findings.hpp"
#include "init/source/http.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

Belonging is_akamai(const Platform& platform);

/// Akamai's cloud, once Linode: keys and the instance's label as host name.
Result<Findings> read_akamai_ipv4(HttpClient& http);
Result<Findings> read_akamai_ipv6(HttpClient& http);
Result<Findings> parse_akamai_keys(std::string_view json);
Result<Findings> parse_akamai_instance(std::string_view json);

}  // namespace lifeboat::init
