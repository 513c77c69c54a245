#pragma once
#include <string_view>

#include "init/source/findings.hpp"
#include "init/source/http.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

Belonging is_azure(const Platform& platform);

/// Azure's instance metadata service: keys and the host name. Passwords come on a CD at the first start alone.
Result<Findings> read_azure(HttpClient& http);
Result<Findings> parse_azure_instance(std::string_view json);

}  // namespace lifeboat::init
