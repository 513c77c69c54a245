#pragma once
#include <string_view>

#include "init/source/findings.hpp"
#include "init/source/http.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

Belonging is_cloudstack(const Platform& platform);
Belonging is_exoscale(const Platform& platform);

/// CloudStack's virtual router, which is also the DHCP server: keys, the host name, and the password of its password
/// server.
Result<Findings> read_cloudstack(HttpClient& http);
/// The same at the usual address.
Result<Findings> read_exoscale(HttpClient& http);

/// What the password server said. None is a Failure that is_nothing_there(), or says what is wrong.
Result<Secret> parse_password_reply(std::string_view text);

}  // namespace lifeboat::init
