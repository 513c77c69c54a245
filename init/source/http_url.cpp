#include "init/source/http_url.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "init/contract/text.hpp"

namespace lifeboat::init {
namespace {

bool is_numeric_address(const std::string& text) {
  in6_addr bytes{};
  return ::inet_pton(AF_INET, text.c_str(), &bytes) == 1 || ::inet_pton(AF_INET6, text.c_str(), &bytes) == 1;
}

/// "10.0.0.1:6385" or "[2001:db8::1]:6385", with or without a port.
Status take_host(std::string_view host, HttpUrl& url) {
  const std::size_t bracket = host.starts_with('[') ? host.find(']') : 0;
  if (bracket == std::string_view::npos) return Failure{"the address is broken"};
  const std::size_t colon = host.find(':', bracket);
  url.address = bracket != 0 ? host.substr(1, bracket - 1) : host.substr(0, colon);
  if (!is_numeric_address(url.address)) return Failure{"names are not looked up; the address must be a number"};
  if (colon == std::string_view::npos) return Done{};
  const auto port = contract::parse_number(host.substr(colon + 1), 65535);
  if (!port || *port == 0) return Failure{"the port is broken"};
  url.port = static_cast<std::uint16_t>(*port);
  return Done{};
}

}  // namespace

Result<HttpUrl> parse_http_url(std::string_view text) {
  constexpr std::string_view http = "http://";
  if (text.starts_with("https://")) return Failure{"the rescue system has no TLS; give a plain http address"};
  if (!text.starts_with(http)) return Failure{"it does not begin with http://"};
  std::string_view rest = text.substr(http.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  HttpUrl url;
  if (Status host = take_host(rest.substr(0, slash), url); !host) return host.failure();
  url.path = rest.substr(slash);
  if (!std::ranges::all_of(url.path, [](unsigned char c) { return c > 0x20 && c < 0x7f; }))
    return Failure{"the path is broken"};
  return url;
}

}  // namespace lifeboat::init
