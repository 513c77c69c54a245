#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "builder/base/fd.hpp"

namespace lifeboat::testing {

/// What the server does with one request.
struct Answer {
  enum class Kind : std::uint8_t {
    file,          ///< the file, or the range of it that was asked for; 404 where there is none
    status,        ///< `status` with a short body
    redirect,      ///< 302 to `text`
    page,          ///< 200 with `text`, whatever was asked for
    stall,         ///< half of the bytes, then nothing, with the connection open
    drip,          ///< a byte every 50 ms
    cut,           ///< half of the bytes, then the connection is closed
    reset,         ///< half of the bytes, then the connection is reset
    wrong_length,  ///< the bytes under a Content-Length that is 7 too large
    no_range,      ///< the whole file with 200, as if Range were not known
    chunked_short  ///< half of the bytes as a complete chunked body
  };
  Kind kind = Kind::file;
  int status = 200;
  std::string text = {};
};

struct Request {
  std::string path;
  std::string range;  ///< "bytes=100-", or ""
  std::string user_agent;
};

/// A real HTTP server on 127.0.0.1 that can misbehave: one thread per connection, one request per connection.
class HttpServer {
 public:
  explicit HttpServer(std::filesystem::path root);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  /// "http://127.0.0.1:PORT"
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// The next requests of `path` ("/a/b") are answered so, one each; then as usual.
  void next(const std::string& path, std::vector<Answer> answers);
  /// Every request of `path` is answered so; of every path when it is "".
  void always(const std::string& path, Answer answer);
  std::vector<Request> requests() const;
  std::size_t count(const std::string& path) const;
  /// Blocks until `path` has been asked for `times` times; false after a minute.
  bool wait_for(const std::string& path, std::size_t times) const;
  /// The same for requests of any path.
  bool wait_for_any(std::size_t times) const;

 private:
  void accept_all();
  void serve(Fd connection);
  Answer choose(const Request& request);
  std::size_t count_locked(const std::string& path) const;
  void send_file(const Fd& connection, const Request& request, const Answer& answer);
  void send_body(const Fd& connection, const std::string& head, std::string_view body, const Answer& answer);
  /// Until the client gives up or the server ends; false after `milliseconds` (-1: never).
  bool wait_for_end(const Fd& connection, int milliseconds) const;

  std::filesystem::path root_;
  Fd listener_, stop_;  ///< stop_: an eventfd that ends every wait
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable arrived_;
  std::map<std::string, std::deque<Answer>> next_;
  std::map<std::string, Answer> always_;
  std::vector<Request> requests_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// A port of 127.0.0.1 on which nobody listens.
std::uint16_t closed_port();

/// A machine that does not answer: its queue of connections is full, so that the kernel drops every further one.
class DeafServer {
 public:
  DeafServer();
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  Fd listener_;
  std::vector<Fd> clients_;  ///< they fill the queue
  std::uint16_t port_ = 0;
};

}  // namespace lifeboat::testing
