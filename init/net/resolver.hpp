#pragma once
#include <string>
#include <vector>

namespace lifeboat::init {

/// What one configuration, lease or router says of names.
struct Names {
  std::vector<std::string> servers;  ///< addresses; a link-local one with its interface: "fe80::1%eth0"
  std::vector<std::string> search;
};

/// resolv.conf(5) from all, the first one's first, without doubles; the resolver reads three servers and six domains.
std::string make_resolv_conf(const std::vector<Names>& all);

}  // namespace lifeboat::init
