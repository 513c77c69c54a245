#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "init/sys/result.hpp"

namespace lifeboat::init {

/// An address that HttpClient can ask.
struct HttpUrl {
  std::string address;  ///< numeric, without brackets
  std::uint16_t port = 80;
  std::string path;  ///< as it stands there: empty, or from its '/' on
};

/// "http://10.0.0.1:6385/path", "http://[2001:db8::1]/". The Failure says why it cannot be used: no names, no TLS.
Result<HttpUrl> parse_http_url(std::string_view url);

}  // namespace lifeboat::init
