#include "testing/raw_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace lifeboat::testing {
namespace {

constexpr int tick = 20;  // milliseconds between two looks at whether it is over

sockaddr_in6 address_of(const std::string& text, std::uint16_t port) {
  const bool ipv6 = text.find(':') != std::string::npos;
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  if (::inet_pton(AF_INET6, (ipv6 ? text : "::ffff:" + text).c_str(), &address.sin6_addr) != 1)
    throw std::runtime_error("no address: " + text);
  return address;
}

/// Head and as much body as Content-Length says.
std::string read_request(const Socket& fd) {
  std::string request;
  std::array<char, 4096> buffer{};
  while (true) {
    const std::size_t head = request.find("\r\n\r\n");
    const std::size_t field = request.find("Content-Length: ");
    const std::size_t length = field == std::string::npos ? 0 : std::stoul(request.substr(field + 16));
    if (head != std::string::npos && request.size() >= head + 4 + length) return request;
    const ssize_t count = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
    if (count <= 0) return request;
    request.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

int Connection::source_port() const {
  sockaddr_in6 peer{};
  socklen_t size = sizeof peer;
  ::getpeername(fd_.get(), reinterpret_cast<sockaddr*>(&peer), &size);
  return ntohs(peer.sin6_port);
}

bool Connection::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool Connection::send_page(std::string_view body, int status) const {
  return send("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n") &&
         send(body);
}

bool Connection::wait(int milliseconds) const {
  pollfd poll{fd_.get(), POLLIN, 0};
  return ::poll(&poll, 1, milliseconds) == 0 && !over_;
}

void Connection::hang() const {
  while (wait(tick)) {
  }
}

RawServer::RawServer(Serve serve, const std::string& address, std::uint16_t port) : serve_(std::move(serve)) {
  const int on = 1, off = 0;
  sockaddr_in6 own = address_of(address, port);
  socklen_t size = sizeof own;
  listener_ = Socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(listener_.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&own), size) != 0 ||
      ::listen(listener_.get(), 16) != 0 ||
      ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&own), &size) != 0)
    throw std::runtime_error("no server on " + address);
  port_ = ntohs(own.sin6_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

RawServer::~RawServer() {
  over_ = true;
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
}

std::vector<std::string> RawServer::asked() const {
  const std::scoped_lock lock(mutex_);
  return asked_;
}

void RawServer::accept_all() {
  while (!over_) {
    pollfd poll{listener_.get(), POLLIN, 0};
    if (::poll(&poll, 1, tick) != 1) continue;
    Socket fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    threads_.emplace_back([this, fd = std::move(fd)]() mutable {
      std::string request = read_request(fd);
      const Connection connection(std::move(fd), std::move(request), over_);
      {
        const std::scoped_lock lock(mutex_);
        asked_.push_back(connection.what());
      }
      serve_(connection);
    });
  }
}

}  // namespace lifeboat::testing
