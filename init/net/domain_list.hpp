#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat::init {

/// Domains as routers (RFC 8106) and DHCPv6 (RFC 3646) write them: RFC 1035 labels without compression, each domain
/// ended by an empty one; padding is empty domains. At most `most`; a domain that is no host name is left out, one
/// without end too.
std::vector<std::string> parse_domain_list(std::string_view bytes, std::size_t most);

}  // namespace lifeboat::init
