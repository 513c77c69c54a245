#pragma once
#include <string_view>

#include "init/source/findings.hpp"
#include "init/source/http.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

Belonging is_vultr(const Platform& platform);

/// Vultr: keys, the host name, the network, and root's password in the cloud-config that it calls vendor-data.
Result<Findings> read_vultr(HttpClient& http);
Result<Findings> parse_vultr_metadata(std::string_view json);

}  // namespace lifeboat::init
