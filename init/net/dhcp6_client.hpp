#pragma once
#include <string>

#include "init/sys/result.hpp"

namespace lifeboat::init {

struct Dhcp6Options {
  std::string interface;
  bool stateful = false;  ///< an address is asked for as well (the router's M flag), not names alone (its O flag)
  std::string
      lease_folder;  ///< INTERFACE.lease6 there is a Lease; its address "ADDRESS/128", or "::/128" for names alone
};

/// A DHCPv6 client (RFC 8415) for as long as it runs, as udhcpc is for IPv4: it waits for the interface's link-local
/// address, asks, writes the lease, renews it, and removes the file when the lease is lost. It sets nothing itself;
/// that an address which it got is somebody else's already it sees by what the kernel says of it, and declines.
/// SIGUSR1: all is asked for anew. A lease that an earlier run left stays until its time is over. Returns only with a
/// Failure: whoever supervises it starts it again.
Status run_dhcp6(const Dhcp6Options& options);

}  // namespace lifeboat::init
