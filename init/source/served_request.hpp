#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "init/sys/result.hpp"
#include "init/sys/secret.hpp"

namespace lifeboat::init {

/// An HTTP request as a server of ours gets it.
struct ServedRequest {
  std::string method;                        ///< "GET"
  std::string path;                          ///< without the query, as it came: "/v1/commands/"
  std::map<std::string, std::string> query;  ///< percent-decoded; of several of one name the first
  Secret body;
};

/// Reads an HTTP/1.x request (RFC 9112) as it comes, in pieces of any size. What is wrong is a Failure at once whose
/// number is the status to answer with; nothing is called after one.
class ServedRequestReader {
 public:
  ServedRequestReader() = default;
  ServedRequestReader(ServedRequestReader&&) = default;
  ServedRequestReader& operator=(ServedRequestReader&&) = default;
  ~ServedRequestReader() { Secret::wipe(held_); }

  static constexpr std::size_t largest_head = std::size_t{16} << 10;
  static constexpr std::size_t largest_body = std::size_t{64} << 10;

  Status take(std::string_view bytes);
  bool is_whole() const noexcept { return head_read_ && held_.size() == length_; }
  /// Only when it is whole, once.
  ServedRequest request();

 private:
  Status take_head(std::string_view head);
  Status take_request_line(std::string_view line);
  Status take_header(std::string_view line);

  std::string held_;  ///< the head so far, then the body so far
  bool head_read_ = false;
  bool has_length_ = false;
  std::size_t length_ = 0;
  ServedRequest request_;
};

/// "HTTP/1.1 200 OK" and on, with the connection's end announced.
std::string make_http_reply(int status, std::string_view json);

}  // namespace lifeboat::init
