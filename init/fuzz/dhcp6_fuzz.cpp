// Whatever a DHCPv6 server says: bounded, every address one that a machine can have, every domain a host name.
#include "init/fuzz/input.hpp"
#include "init/net/dhcp6_timing.hpp"
#include "init/net/lease.hpp"

using namespace lifeboat::init;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto answer = parse_dhcp6(fuzz::text_of(data, size));
  if (!answer) return 0;
  fuzz::require(!answer->server_id.empty() && answer->server_id.size() <= 130 && answer->client_id.size() <= 130);
  fuzz::require(answer->addresses.size() <= most_dhcp6_values && answer->dns.size() <= most_dhcp6_values);
  fuzz::require(answer->search.size() <= most_dhcp6_values && answer->refresh_after >= 600);
  for (const Dhcp6Address& given : answer->addresses) {
    fuzz::require(is_usable_host(given.address) && !is_link_local(given.address) && given.address.ipv6);
    const Dhcp6Times times = times_of(*answer, given);
    fuzz::require(times.renew.count() > 0 && times.renew <= times.rebind && times.rebind <= times.end);
  }
  for (const Address& server : answer->dns) fuzz::require(server.ipv6 && is_usable_host(server));
  for (const std::string& domain : answer->search) fuzz::require(is_host_name(domain));
  return 0;
}
