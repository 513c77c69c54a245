#pragma once
#include <string>
#include <string_view>

#include "init/net/lease.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Where the script leaves leases for PID 1, which watches the folder: INTERFACE.lease.
inline constexpr std::string_view lease_folder = "/run/lifeboat/network";

/// What udhcpc calls (argv[0] lifeboat-dhcp): on bound and renew it writes the lease, in one step; on deconfig it
/// removes it; everything else is passed over. It sets nothing itself: PID 1 does, so that one place owns the network.
Status record_dhcp_event(std::string_view event, const Environment& environment, const std::string& folder);

}  // namespace lifeboat::init
