#pragma once
#include <string_view>

#include "init/source/findings.hpp"
#include "init/source/http.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

Belonging is_oracle(const Platform& platform);

/// Oracle Cloud: keys and the host name.
Result<Findings> read_oracle_ipv4(HttpClient& http);
Result<Findings> read_oracle_ipv6(HttpClient& http);
Result<Findings> parse_oracle_instance(std::string_view json);

}  // namespace lifeboat::init
