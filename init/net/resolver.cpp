#include "init/net/resolver.hpp"

#include <algorithm>

namespace lifeboat::init {
namespace {

void add_new(std::vector<std::string>& values, const std::string& value, std::size_t most) {
  if (values.size() < most && std::ranges::find(values, value) == values.end()) values.push_back(value);
}

}  // namespace

std::string make_resolv_conf(const std::vector<Lease>& leases) {
  std::vector<std::string> servers, domains;
  for (const Lease& lease : leases) {
    for (const Address& server : lease.dns) add_new(servers, to_text(server), 3);
    for (const std::string& domain : lease.search) add_new(domains, domain, 6);
  }
  std::string text = "# Written by lifeboat-init from the DHCP leases in /run/lifeboat/network.\n";
  std::string search;
  for (const std::string& domain : domains) search += " " + domain;
  if (!search.empty()) text += "search" + search + "\n";
  for (const std::string& server : servers) text += "nameserver " + server + "\n";
  return text;
}

}  // namespace lifeboat::init
