#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "init/source/served_request.hpp"
#include "init/sys/clock.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// A small HTTP server: one request for each connection, each with its bound of time and size, few at a time. Whoever
/// is slow holds up nobody else.
class CommandServer {
 public:
  /// Turns a request into a whole reply.
  using Answer = std::function<std::string(ServedRequest)>;

  /// On all addresses, IPv4 and IPv6.
  static Result<CommandServer> open(std::uint16_t port, Answer answer);
  /// Serves for so long.
  void serve(Milliseconds time);
  /// The port that it has (for port 0: a free one).
  std::uint16_t port() const;

 private:
  struct Connection {
    Fd fd;
    Clock::time_point until;
    ServedRequestReader reader;
    std::string reply;  ///< what is still to be sent; empty while the request is read
  };

  void accept_one();
  bool goes_on(Connection& connection, short events);
  bool receive(Connection& connection);
  bool send(Connection& connection);

  Fd listener_;
  Answer answer_;
  std::vector<Connection> connections_;
};

}  // namespace lifeboat::init
