#pragma once
#include <string>

#include "init/source/findings.hpp"
#include "init/source/http.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// The address in "ds=nocloud;s=http://10.0.2.2:8000/" (and ds=nocloud-net), on the kernel command line or in
/// firmware's serial number of the machine. Empty: no such, or a seed that is not on the network.
std::string no_cloud_seed_address(const Platform& platform);
Belonging has_no_cloud_seed_address(const Platform& platform);
/// Whether it is no link-local address.
bool is_no_cloud_seed_behind_router(const Platform& platform);

/// NoCloud's files (no_cloud.hpp) from that address, over the family that it is of.
Result<Findings> read_no_cloud_ipv4(HttpClient& http);
Result<Findings> read_no_cloud_ipv6(HttpClient& http);
/// From the one given, which ends in '/'.
Result<Findings> read_no_cloud_from(HttpClient& http, const std::string& address);

}  // namespace lifeboat::init
