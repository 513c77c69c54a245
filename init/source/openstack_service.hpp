#pragma once
#include <string_view>

#include "init/source/findings.hpp"
#include "init/source/http.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// By Nova's DMI strings and those of known public clouds; `maybe` on every other machine: they can be changed, and
/// only x86 has them.
Belonging may_be_openstack(const Platform& platform);

/// OpenStack's metadata service: meta_data.json and network_data.json as on the config drive, but never with a
/// password.
Result<Findings> read_openstack_ipv4(HttpClient& http);
Result<Findings> read_openstack_ipv6(HttpClient& http);

}  // namespace lifeboat::init
