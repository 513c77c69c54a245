#pragma once
#include <string>
#include <vector>

#include "init/net/plan.hpp"
#include "init/source/findings.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// The network as the kernel's ip= gives it (Documentation/admin-guide/nfs/nfsroot.rst) and dracut beside it
/// (dracut.cmdline(7)):
///   ip=CLIENT:SERVER:GATEWAY:NETMASK:HOST:DEVICE:AUTOCONF[:DNS0[:DNS1]] or [:MTU]; ip=DEVICE:AUTOCONF[:MTU];
///   ip=AUTOCONF; ifname=NAME:MAC; nameserver=; rd.route=NETWORK/LENGTH:GATEWAY[:DEVICE];
///   bond=NAME:MEMBERS:OPTIONS[:MTU]; vlan=NAME:DEVICE; bridge=NAME:MEMBERS
/// IPv6 addresses are in brackets. CLIENT may have its length ("192.0.2.5/24"), NETMASK may be one; the device may be a
/// card's MAC address with '-' in it. Without a device it is any card. The server is NFS's and means nothing here.
struct IpArguments {
  NetworkPlan plan;
  std::string hostname;
};

/// `words` as contract::KernelArguments::network has them.
IpArguments parse_ip_arguments(const std::vector<std::string>& words);

/// A source of its own: it goes before all others.
Result<Findings> read_ip_arguments(const Platform& platform);

}  // namespace lifeboat::init
