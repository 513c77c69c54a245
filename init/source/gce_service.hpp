#pragma once
#include <ctime>
#include <string_view>

#include "init/source/findings.hpp"
#include "init/source/http.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

Belonging is_gce(const Platform& platform);

/// Google Compute Engine: the keys of the instance, and those of its project unless the instance blocks them.
Result<Findings> read_gce(HttpClient& http);

/// Attributes of the instance and of the project, a JSON object each (an empty text: none). Keys are lines "user:key";
/// all users' are taken, but those that expired before `now`, which seconds since 1970 say.
Result<Findings> parse_gce_attributes(std::string_view instance, std::string_view project, std::time_t now);

}  // namespace lifeboat::init
