#pragma once
#include <string>
#include <vector>

#include "init/net/lease.hpp"

namespace lifeboat::init {

/// resolv.conf(5) from all leases, without doubles; the resolver reads three servers and six domains.
std::string make_resolv_conf(const std::vector<Lease>& leases);

}  // namespace lifeboat::init
