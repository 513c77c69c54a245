#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "init/sys/result.hpp"
#include "init/sys/secret.hpp"

namespace lifeboat::init {

struct HttpReply {
  int status = 0;  ///< 200 to 999
  Secret body;     ///< at most 1 MiB
};

/// Reads an HTTP/1.x reply (RFC 9112) as it comes, in pieces of any size. Of the headers only those count that tell
/// where the body ends: Content-Length, Transfer-Encoding: chunked, or the connection's end. What is wrong is a Failure
/// at once; nothing is called after one.
class HttpReplyReader {
 public:
  HttpReplyReader() = default;
  HttpReplyReader(const HttpReplyReader&) = delete;
  HttpReplyReader& operator=(const HttpReplyReader&) = delete;
  ~HttpReplyReader() { Secret::wipe(body_); }

  static constexpr std::size_t largest_body = std::size_t{1} << 20;
  static constexpr std::size_t largest_head = std::size_t{64} << 10;  ///< status lines, headers and trailers together

  Status take(std::string_view bytes);
  /// The server closed the connection: right for a body without a length, else a Failure.
  Status end();

  bool is_whole() const noexcept { return state_ == State::whole; }
  /// Only when it is whole, once.
  HttpReply reply();

 private:
  enum class State : std::uint8_t {
    status_line,
    headers,
    body_of_length,  ///< left_ bytes are to come
    body_until_end,
    chunk_size,
    chunk,      ///< left_ bytes are to come
    chunk_end,  ///< the line end behind a chunk
    trailers,
    whole
  };

  bool in_line() const noexcept;
  Status take_line(std::string_view line);
  Status take_status_line(std::string_view line);
  Status take_header(std::string_view line);
  Status take_content_length(std::string_view value);
  Status take_chunk_size(std::string_view line);
  void begin_body();
  Status add_to_line(std::string_view& bytes);
  Status add_to_body(std::string_view& bytes);

  State state_ = State::status_line;
  int status_ = 0;
  std::optional<std::uint64_t> length_;  ///< Content-Length
  bool chunked_ = false;
  std::uint64_t left_ = 0;
  std::size_t head_size_ = 0;
  std::string line_;
  std::string body_;
};

}  // namespace lifeboat::init
