// Whatever a router advertises: bounded, every server one that can be asked, every domain a host name.
#include "init/fuzz/input.hpp"
#include "init/net/lease.hpp"
#include "init/net/router_options.hpp"

using namespace lifeboat::init;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto all = parse_router_options({68, fuzz::text_of(data, size)});
  fuzz::require(all.size() <= most_router_values);
  for (const RouterNames& names : all) {
    fuzz::require(names.dns.empty() != names.search.empty());
    fuzz::require(names.dns.size() <= most_router_values && names.search.size() <= most_router_values);
    for (const Address& server : names.dns) fuzz::require(server.ipv6 && is_usable_host(server));
    for (const std::string& domain : names.search) fuzz::require(is_host_name(domain));
  }
  return 0;
}
