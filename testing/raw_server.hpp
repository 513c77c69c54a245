#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace lifeboat::testing {

/// Owns a socket.
class Socket {
 public:
  explicit Socket(int fd = -1) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Socket();
  int get() const { return fd_; }

 private:
  int fd_;
};

/// One connection of a server, with all that can be done wrong with it.
class Connection {
 public:
  Connection(Socket fd, std::string request, const std::atomic<bool>& over)
      : fd_(std::move(fd)), request_(std::move(request)), over_(over) {}

  /// Head and body, as they came.
  const std::string& request() const { return request_; }
  /// "GET /a/b"
  std::string what() const { return request_.substr(0, request_.find(" HTTP/")); }
  int source_port() const;
  /// False when the client has gone.
  bool send(std::string_view bytes) const;
  /// 200 and a Content-Length.
  bool send_page(std::string_view body, int status = 200) const;
  /// Until the client or the server goes.
  void hang() const;
  /// The same for a moment; false when there is no one left.
  bool wait(int milliseconds) const;

 private:
  Socket fd_;
  std::string request_;
  const std::atomic<bool>& over_;
};

/// A server on a numeric address (127.0.0.1) whose connections a function answers, each in a thread of its own, when
/// the request has come; then they are closed.
class RawServer {
 public:
  using Serve = std::function<void(const Connection&)>;
  explicit RawServer(Serve serve, const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  ~RawServer();

  std::uint16_t port() const { return port_; }
  /// "GET /a/b" of every connection so far.
  std::vector<std::string> asked() const;

 private:
  void accept_all();

  Serve serve_;
  Socket listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> over_ = false;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace lifeboat::testing
