#include "init/source/http.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

namespace lifeboat::init {
namespace {

constexpr Milliseconds connect_limit{2000};
constexpr int most_connect_tries = 5;
/// Before trying again; doubled each time.
constexpr Milliseconds first_http_pause{250};
constexpr Milliseconds longest_pause{2000};

/// An address and port as the system calls want them.
struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
};

Endpoint ipv4_endpoint(const in_addr& address, std::uint16_t port) {
  Endpoint endpoint;
  auto& to = reinterpret_cast<sockaddr_in&>(endpoint.storage);
  to.sin_family = AF_INET;
  to.sin_addr = address;
  to.sin_port = htons(port);
  endpoint.size = sizeof to;
  return endpoint;
}

Endpoint ipv6_endpoint(const in6_addr& address, std::uint16_t port, const std::string& interface) {
  Endpoint endpoint;
  auto& to = reinterpret_cast<sockaddr_in6&>(endpoint.storage);
  to.sin6_family = AF_INET6;
  to.sin6_addr = address;
  to.sin6_port = htons(port);
  if (IN6_IS_ADDR_LINKLOCAL(&address)) to.sin6_scope_id = ::if_nametoindex(interface.c_str());
  endpoint.size = sizeof to;
  return endpoint;
}

Result<Endpoint> endpoint_of(const std::string& address, std::uint16_t port, const std::string& interface) {
  in_addr four{};
  in6_addr six{};
  if (::inet_pton(AF_INET, address.c_str(), &four) == 1) return ipv4_endpoint(four, port);
  if (::inet_pton(AF_INET6, address.c_str(), &six) == 1) return ipv6_endpoint(six, port, interface);
  return Failure{"the address is not numeric"};
}

/// Any free one of the upper half: a port that was used a moment ago may still be taken.
Status take_privileged_port(const Fd& fd, int family) {
  constexpr std::uint16_t first = 512, count = 512;
  std::uint16_t start = 0;
  static_cast<void>(::getrandom(&start, sizeof start, GRND_NONBLOCK));
  for (std::uint16_t i = 0; i < count; ++i) {
    const auto port = static_cast<std::uint16_t>(first + (start + i) % count);
    const Endpoint own = family == AF_INET ? ipv4_endpoint({}, port) : ipv6_endpoint(in6addr_any, port, "");
    if (::bind(fd.get(), own.address(), own.size) == 0) return Done{};
    if (errno != EADDRINUSE) break;
  }
  return failure_from_errno("taking a source port below 1024", errno);
}

/// "http://[fe80::a9fe:a9fe%eth0]:8080/x"
std::string url_of(const HttpRequest& request, const std::string& interface) {
  const bool ipv6 = request.address.find(':') != std::string::npos;
  const std::string scope = request.address.starts_with("fe80:") ? "%" + interface : "";
  const std::string port = request.port == 80 ? "" : ":" + std::to_string(request.port);
  return "http://" + (ipv6 ? "[" + request.address + scope + "]" : request.address) + port + request.path;
}

/// The interface is no part of the Host header: it means nothing to the server.
std::string text_of(const HttpRequest& request) {
  const bool ipv6 = request.address.find(':') != std::string::npos;
  std::string text = request.method + " " + request.path + " HTTP/1.1\r\nHost: ";
  text += ipv6 ? "[" + request.address + "]" : request.address;
  if (request.port != 80) text += ":" + std::to_string(request.port);
  text += "\r\nUser-Agent: lifeboat\r\nConnection: close\r\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\r\n";
  if (request.method != "GET") text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return text + "\r\n" + request.body;
}

bool may_pass(int status, const HttpRequest& request) {
  const auto& others = request.passing_statuses;
  return status == 408 || status == 429 || status >= 500 || std::ranges::find(others, status) != others.end();
}

Failure with_request(const HttpRequest& request, const std::string& interface, const Failure& why) {
  return {request.method + " " + url_of(request, interface) + ": " + why.what, why.number};
}

}  // namespace

bool is_header_value(std::string_view text) {
  constexpr std::size_t longest = 4096;
  return !text.empty() && text.size() <= longest &&
         std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

HttpClient::HttpClient(std::string interface, Milliseconds limit, std::string dhcp_server)
    : interface_(std::move(interface)),
      dhcp_server_(std::move(dhcp_server)),
      limit_(limit),
      until_(Clock::now() + limit) {}

Milliseconds HttpClient::time_left() const {
  return std::max(std::chrono::ceil<Milliseconds>(until_ - Clock::now()), Milliseconds(0));
}

Failure HttpClient::out_of_time() const {
  const auto tenths = limit_.count() / 100;
  const std::string fraction = tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10);
  return {"no whole reply within " + std::to_string(tenths / 10) + fraction + " seconds", ETIMEDOUT};
}

void HttpClient::pause(Milliseconds time) const { std::this_thread::sleep_for(std::min(time, time_left())); }

Status HttpClient::await(const Fd& connection, short events, Until until) const {
  while (true) {
    const auto left = std::chrono::ceil<Milliseconds>(until - Clock::now()).count();
    pollfd poll{connection.get(), events, 0};
    const int ready = left > 0 ? ::poll(&poll, 1, static_cast<int>(left)) : 0;
    if (ready > 0) return Done{};
    if (ready == 0) return out_of_time();
    if (errno != EINTR) return failure_from_errno("waiting for the server", errno);
  }
}

Result<Fd> HttpClient::connect_once(const HttpRequest& request) {
  auto to = endpoint_of(request.address, request.port, interface_);
  if (!to) return to.failure();
  Fd fd(::socket(to->family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return failure_from_errno("making a socket", errno);
  const auto length = static_cast<socklen_t>(interface_.size());
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, interface_.data(), length) != 0)
    return failure_from_errno("using the interface " + interface_, errno);
  if (request.from_privileged_port)
    if (Status taken = take_privileged_port(fd, to->family()); !taken) return taken.failure();
  if (::connect(fd.get(), to->address(), to->size) == 0) return fd;
  if (errno != EINPROGRESS) return failure_from_errno("connecting", errno);
  if (!await(fd, POLLOUT, std::min(Clock::now() + connect_limit, until_)))
    return Failure{"connecting: no answer", ETIMEDOUT};
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return failure_from_errno("connecting", error);
  return fd;
}

/// A route or a neighbour may take its time; a packet may be lost.
Result<Fd> HttpClient::connect(const HttpRequest& request) {
  Milliseconds next_pause = first_http_pause;
  for (int tries = 1;; ++tries) {
    auto fd = connect_once(request);
    const bool hopeless = !fd && fd.failure().number == 0;  // not the network's word
    if (fd || hopeless || tries == most_connect_tries || time_left() <= next_pause) return fd;
    pause(next_pause);
    next_pause *= 2;
  }
}

Status HttpClient::send_all(const Fd& connection, std::string_view bytes) {
  while (!bytes.empty()) {
    if (Status ready = await(connection, POLLOUT, until_); !ready) return ready;
    const ssize_t count = ::send(connection.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return failure_from_errno("sending the request", errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return Done{};
}

Result<HttpReply> HttpClient::receive(const Fd& connection) {
  HttpReplyReader reader;
  std::array<char, 16384> buffer{};
  Status status = Done{};
  while (status && !reader.is_whole()) {
    status = await(connection, POLLIN, until_);
    if (!status) break;
    const ssize_t count = ::recv(connection.get(), buffer.data(), buffer.size(), 0);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) status = failure_from_errno("reading the reply", errno);
    if (count == 0) status = reader.end();
    if (count > 0) status = reader.take({buffer.data(), static_cast<std::size_t>(count)});
  }
  ::explicit_bzero(buffer.data(), buffer.size());
  if (!status) return status.failure();
  return reader.reply();
}

Result<HttpReply> HttpClient::exchange(const HttpRequest& request) {
  auto connection = connect(request);
  if (!connection) return connection.failure();
  if (Status sent = send_all(*connection, text_of(request)); !sent) return sent.failure();
  return receive(*connection);
}

Result<HttpReply> HttpClient::request(const HttpRequest& request) {
  auto reply = exchange(request);
  if (!reply) return with_request(request, interface_, reply.failure());
  return reply;
}

Result<HttpReply> HttpClient::request_patiently(const HttpRequest& request) {
  Milliseconds next_pause = first_http_pause;
  auto reply = this->request(request);
  while (reply && may_pass(reply->status, request) && time_left() > next_pause) {
    pause(next_pause);
    next_pause = std::min(2 * next_pause, longest_pause);
    auto next = this->request(request);
    if (!next && time_left() == Milliseconds(0)) break;  // the last status says more
    reply = std::move(next);
  }
  return reply;
}

Result<Secret> HttpClient::body_of(const HttpRequest& request, bool optional) {
  auto reply = request_patiently(request);
  if (!reply) return reply.failure();
  const int status = reply->status;
  if (status == 200) return std::move(reply->body);
  if (optional && (status == 404 || status == 410 || status == 204)) return Secret();
  return with_request(request, interface_, {"status " + std::to_string(status)});
}

Result<Secret> HttpClient::get(const HttpRequest& request) { return body_of(request, false); }

Result<Secret> HttpClient::get(const std::string& address, const std::string& path, const HttpHeaders& headers) {
  return body_of({.address = address, .path = path, .headers = headers}, false);
}

Result<Secret> HttpClient::get_optional(const HttpRequest& request) { return body_of(request, true); }

Result<Secret> HttpClient::get_optional(const std::string& address, const std::string& path,
                                        const HttpHeaders& headers) {
  return body_of({.address = address, .path = path, .headers = headers}, true);
}

}  // namespace lifeboat::init
