#include "init/net/resolver.hpp"

#include <algorithm>

namespace lifeboat::init {
namespace {

void add_new(std::vector<std::string>& values, const std::string& value, std::size_t most) {
  if (values.size() < most && std::ranges::find(values, value) == values.end()) values.push_back(value);
}

}  // namespace

std::string make_resolv_conf(const std::vector<Names>& all) {
  std::vector<std::string> servers, domains;
  for (const Names& names : all) {
    for (const std::string& server : names.servers) add_new(servers, server, 3);
    for (const std::string& domain : names.search) add_new(domains, domain, 6);
  }
  std::string text = "# Written by lifeboat-init; `rescue network` tells where it has it from.\n";
  std::string search;
  for (const std::string& domain : domains) search += " " + domain;
  if (!search.empty()) text += "search" + search + "\n";
  for (const std::string& server : servers) text += "nameserver " + server + "\n";
  return text;
}

}  // namespace lifeboat::init
