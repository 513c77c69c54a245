#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "init/sys/clock.hpp"
#include "init/sys/result.hpp"
#include "init/sys/secret.hpp"

namespace lifeboat::init {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string
      address;  ///< numeric: "169.254.169.254", "fe80::a9fe:a9fe"; a link-local one is on the client's interface
  std::uint16_t port = 80;
  std::string path;  ///< with its leading '/'
  HttpHeaders headers = {};
  std::string body = {};
  bool from_privileged_port = false;  ///< Scaleway wants a source port below 1024
};

struct HttpReply {
  int status = 0;
  Secret body;  ///< at most 1 MiB
};

/// A small HTTP/1.1 client for metadata services: over one interface, no names, no proxies, no redirects, no TLS; one
/// connection for each request. What it takes is bounded: the reply's size, and the time over all its requests. Blocks:
/// meant for a worker.
class HttpClient {
 public:
  HttpClient(std::string interface, Milliseconds limit);

  /// Any status is a reply. A Failure says "GET http://...: why": no connection (tried for 2 s each), no HTTP, too
  /// large, out of time.
  Result<HttpReply> request(const HttpRequest& request);
  /// 200 with its body; any other status is a Failure. 408, 429 and 5xx are asked again while there is time, after a
  /// pause.
  Result<Secret> get(const std::string& address, const std::string& path, const HttpHeaders& headers = {});

  const std::string& interface() const noexcept { return interface_; }
  Milliseconds time_left() const;

 private:
  std::string interface_;
  Clock::time_point until_;
};

}  // namespace lifeboat::init
