#include "init/source/command_server.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace lifeboat::init {
namespace {

constexpr Milliseconds connection_limit{10'000};
constexpr std::size_t most_connections = 16;

std::string refusal(const Failure& why) {
  const int status = why.number >= 400 ? why.number : 400;
  return make_http_reply(status, R"({"faultcode":"Client","faultstring":")" + why.what + "\"}");
}

int milliseconds_until(Clock::time_point until) {
  const auto left = std::chrono::ceil<Milliseconds>(until - Clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 3600'000));
}

/// A socket of the family that listens on all addresses; an IPv6 one on those of IPv4 too.
Result<Fd> listen_on(int family, std::uint16_t port) {
  const std::string doing = "listening on port " + std::to_string(port);
  Fd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return failure_from_errno(doing, errno);
  const int on = 1, off = 0;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  const auto* address =
      family == AF_INET6 ? reinterpret_cast<const sockaddr*>(&six) : reinterpret_cast<const sockaddr*>(&four);
  const socklen_t size = family == AF_INET6 ? sizeof six : sizeof four;
  if (::bind(fd.get(), address, size) != 0 || ::listen(fd.get(), most_connections) != 0)
    return failure_from_errno(doing, errno);
  return fd;
}

}  // namespace

Result<CommandServer> CommandServer::open(std::uint16_t port, Answer answer) {
  auto listener = listen_on(AF_INET6, port);
  if (!listener) listener = listen_on(AF_INET, port);  // a kernel without IPv6
  if (!listener) return listener.failure();
  CommandServer server;
  server.listener_ = std::move(*listener);
  server.answer_ = std::move(answer);
  return server;
}

std::uint16_t CommandServer::port() const {
  sockaddr_in6 own{};  // the port is where sockaddr_in has it
  socklen_t size = sizeof own;
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&own), &size);
  return ntohs(own.sin6_port);
}

void CommandServer::serve(Milliseconds time) {
  const Clock::time_point until = Clock::now() + time;
  while (Clock::now() < until) {
    std::vector<pollfd> polls;
    Clock::time_point wake = until;
    for (const Connection& connection : connections_) {
      polls.push_back({connection.fd.get(), connection.reply.empty() ? short{POLLIN} : short{POLLOUT}, 0});
      wake = std::min(wake, connection.until);
    }
    if (connections_.size() < most_connections) polls.push_back({listener_.get(), POLLIN, 0});
    ::poll(polls.data(), polls.size(), milliseconds_until(wake));
    const std::size_t known = connections_.size();
    std::vector<Connection> going_on;
    for (std::size_t i = 0; i < known; ++i)
      if (goes_on(connections_[i], polls[i].revents)) going_on.push_back(std::move(connections_[i]));
    connections_ = std::move(going_on);
    if (polls.size() > known && polls.back().revents != 0) accept_one();
  }
}

void CommandServer::accept_one() {
  Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (fd) connections_.push_back({std::move(fd), Clock::now() + connection_limit, {}, {}});
}

bool CommandServer::goes_on(Connection& connection, short events) {
  if (Clock::now() >= connection.until) return false;
  if (events == 0) return true;
  return connection.reply.empty() ? receive(connection) : send(connection);
}

bool CommandServer::receive(Connection& connection) {
  std::array<char, 4096> buffer{};
  const ssize_t count = ::recv(connection.fd.get(), buffer.data(), buffer.size(), 0);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  if (count == 0) return false;
  const Status taken = connection.reader.take({buffer.data(), static_cast<std::size_t>(count)});
  ::explicit_bzero(buffer.data(), buffer.size());
  if (!taken) connection.reply = refusal(taken.failure());
  if (taken && connection.reader.is_whole()) connection.reply = answer_(connection.reader.request());
  return connection.reply.empty() || send(connection);
}

bool CommandServer::send(Connection& connection) {
  const ssize_t count = ::send(connection.fd.get(), connection.reply.data(), connection.reply.size(), MSG_NOSIGNAL);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  connection.reply.erase(0, static_cast<std::size_t>(count));
  if (!connection.reply.empty()) return true;
  ::shutdown(connection.fd.get(), SHUT_WR);
  return false;
}

}  // namespace lifeboat::init
