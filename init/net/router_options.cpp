#include "init/net/router_options.hpp"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cstring>

#include "init/net/domain_list.hpp"

namespace lifeboat::init {
namespace {

constexpr std::uint8_t router_advertisement = 134;
constexpr std::uint8_t dns_servers = 25;
constexpr std::uint8_t search_list = 31;
constexpr std::size_t unit = 8;    ///< what an option's length counts
constexpr std::size_t header = 8;  ///< type, length, two reserved bytes, lifetime

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

void read_router_servers(std::string_view bytes, std::vector<Address>& servers) {
  for (; bytes.size() >= 16 && servers.size() < most_router_values; bytes.remove_prefix(16)) {
    const Address server = Address::from_bytes(bytes.substr(0, 16));
    if (is_usable_host(server)) servers.push_back(server);
  }
}

/// `option` is whole.
void read_option(std::string_view option, RouterNames names, std::vector<RouterNames>& all) {
  const auto type = static_cast<std::uint8_t>(option[0]);
  if (option.size() <= header) return;
  names.seconds = big_endian(option.substr(4, 4));
  const std::string_view content = option.substr(header);
  if (type == dns_servers && content.size() % 16 == 0) read_router_servers(content, names.dns);
  if (type == search_list) names.search = parse_domain_list(content, most_router_values);
  if (!names.dns.empty() || !names.search.empty()) all.push_back(std::move(names));
}

Address router_of(std::string_view attributes) {
  Address router{true, {}};
  each_attribute(attributes, 0, [&](std::uint16_t type, std::string_view value) {
    if (type == NDUSEROPT_SRCADDR && value.size() == 16) router = Address::from_bytes(value);
  });
  return router;
}

}  // namespace

std::vector<RouterNames> parse_router_options(const NetlinkMessage& message) {
  nduseroptmsg body{};
  std::vector<RouterNames> all;
  if (message.type != RTM_NEWNDUSEROPT || message.payload.size() < sizeof body) return all;
  std::memcpy(&body, message.payload.data(), sizeof body);
  std::string_view options = message.payload.substr(sizeof body);
  if (body.nduseropt_family != AF_INET6 || body.nduseropt_icmp_type != router_advertisement ||
      body.nduseropt_opts_len > options.size())
    return all;
  RouterNames names;
  names.index = body.nduseropt_ifindex;
  names.router = router_of(options.substr(body.nduseropt_opts_len));
  options = options.substr(0, body.nduseropt_opts_len);
  while (options.size() >= unit && all.size() < most_router_values) {
    const std::size_t size = unit * static_cast<unsigned char>(options[1]);
    if (size == 0 || size > options.size()) break;
    read_option(options.substr(0, size), names, all);
    options.remove_prefix(size);
  }
  return all;
}

}  // namespace lifeboat::init
