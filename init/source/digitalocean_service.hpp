#pragma once
#include <string_view>

#include "init/source/findings.hpp"
#include "init/source/http.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

Belonging is_digitalocean(const Platform& platform);

/// DigitalOcean: keys, the host name and the network, which is static.
Result<Findings> read_digitalocean(HttpClient& http);
Result<Findings> parse_digitalocean_metadata(std::string_view json);

}  // namespace lifeboat::init
