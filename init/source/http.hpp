#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "init/source/http_reply.hpp"
#include "init/sys/clock.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"
#include "init/sys/secret.hpp"

namespace lifeboat::init {

/// Where most metadata services are, on the link.
inline constexpr const char* metadata_ipv4 = "169.254.169.254";
inline constexpr const char* metadata_ipv6 = "fe80::a9fe:a9fe";

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string
      address;  ///< numeric: "169.254.169.254", "fe80::a9fe:a9fe"; a link-local one is on the client's interface
  std::uint16_t port = 80;
  std::string path;  ///< with its leading '/'
  HttpHeaders headers = {};
  std::string body = {};
  bool from_privileged_port = false;       ///< Scaleway wants a source port below 1024
  std::vector<int> passing_statuses = {};  ///< asked again, too: Azure's 404 and 410
};

/// Whether it can be sent as it is: not empty, printable ASCII without blanks, not over 4 KiB.
bool is_header_value(std::string_view text);

/// A small HTTP/1.1 client for metadata services: over one interface, no names, no proxies, no redirects, no TLS; one
/// connection for each request. What it takes is bounded: the reply's size, and the time over all its requests. Blocks:
/// meant for a worker.
class HttpClient {
 public:
  /// `dhcp_server`: of the interface's network, "10.1.1.1"; empty where it is not known.
  HttpClient(std::string interface, Milliseconds limit, std::string dhcp_server = {});

  /// Any status is a reply. A Failure says "GET http://...: why": no connection (five tries, 2 s each), no HTTP, too
  /// large, out of time.
  Result<HttpReply> request(const HttpRequest& request);
  /// The same; 408, 429 and 5xx are asked again while there is time, after a pause.
  Result<HttpReply> request_patiently(const HttpRequest& request);

  /// 200 with its body; any other status is a Failure. Patient.
  Result<Secret> get(const HttpRequest& request);
  Result<Secret> get(const std::string& address, const std::string& path, const HttpHeaders& headers = {});
  /// As get; where there is no such thing (404, 410, 204) the text is empty.
  Result<Secret> get_optional(const HttpRequest& request);
  Result<Secret> get_optional(const std::string& address, const std::string& path, const HttpHeaders& headers = {});

  const std::string& interface() const noexcept { return interface_; }
  const std::string& dhcp_server() const noexcept { return dhcp_server_; }
  Milliseconds time_left() const;

 private:
  using Until = Clock::time_point;

  Result<HttpReply> exchange(const HttpRequest& request);
  Result<Fd> connect(const HttpRequest& request);
  Result<Fd> connect_once(const HttpRequest& request);
  Result<Secret> body_of(const HttpRequest& request, bool optional);
  Status send_all(const Fd& connection, std::string_view bytes);
  Result<HttpReply> receive(const Fd& connection);
  /// Until the connection is ready for poll(2)'s `events`, or a Failure.
  Status await(const Fd& connection, short events, Until until) const;
  void pause(Milliseconds time) const;
  Failure out_of_time() const;

  std::string interface_;
  std::string dhcp_server_;
  Milliseconds limit_;
  Until until_;
};

}  // namespace lifeboat::init
