#include "init/source/http_reply.hpp"

#include <strings.h>

#include <algorithm>

#include "init/contract/text.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t longest_chunk_line = 1024;  // its size and what may follow: extensions

bool is_same(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && ::strncasecmp(text.data(), lower.data(), lower.size()) == 0;
}

/// For messages: foreign bytes, cut short, and printable.
std::string shown(std::string_view text) {
  std::string cut(text.substr(0, 40));
  for (char& c : cut)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  return "\"" + cut + (text.size() > cut.size() ? "..." : "") + "\"";
}

/// Appends without leaving the old bytes behind where they must move.
void append_wiped(std::string& text, std::string_view more) {
  if (text.size() + more.size() > text.capacity()) {
    std::string larger;
    larger.reserve(std::max(2 * text.capacity(), text.size() + more.size()));
    larger = text;
    text.swap(larger);
    Secret::wipe(larger);
  }
  text += more;
}

Failure too_large() { return {"a reply of more than 1 MiB"}; }

}  // namespace

bool HttpReplyReader::in_line() const noexcept {
  return state_ != State::body_of_length && state_ != State::body_until_end && state_ != State::chunk;
}

Status HttpReplyReader::take(std::string_view bytes) {
  while (!bytes.empty() && !is_whole())
    if (Status taken = in_line() ? add_to_line(bytes) : add_to_body(bytes); !taken) return taken;
  return Done{};
}

Status HttpReplyReader::add_to_line(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  const bool ends = end != std::string_view::npos;
  const std::string_view part = bytes.substr(0, end);
  bytes.remove_prefix(part.size() + (ends ? 1 : 0));
  const bool of_chunk = state_ == State::chunk_size || state_ == State::chunk_end;
  if (!of_chunk) head_size_ += part.size() + (ends ? 1 : 0);
  if (head_size_ > largest_head) return Failure{"headers of more than 64 KiB"};
  if (of_chunk && line_.size() + part.size() > longest_chunk_line) return Failure{"no HTTP: a chunk without a size"};
  line_ += part;
  if (!ends) return Done{};
  if (line_.ends_with('\r')) line_.pop_back();
  std::string line;
  line.swap(line_);
  return take_line(line);
}

Status HttpReplyReader::take_line(std::string_view line) {
  switch (state_) {
    case State::status_line:
      return take_status_line(line);
    case State::headers:
      if (!line.empty()) return take_header(line);
      begin_body();
      return Done{};
    case State::chunk_size:
      return take_chunk_size(line);
    case State::chunk_end:
      if (!line.empty()) return Failure{"no HTTP: a chunk is longer than its size says"};
      state_ = State::chunk_size;
      return Done{};
    default:  // trailers say nothing that we need
      if (line.empty()) state_ = State::whole;
      return Done{};
  }
}

/// "HTTP/1.1 200 OK"; the words may be missing.
Status HttpReplyReader::take_status_line(std::string_view line) {
  const bool known = line.starts_with("HTTP/1.0 ") || line.starts_with("HTTP/1.1 ");
  const std::string_view rest = line.substr(known ? 9 : 0);
  const auto number = contract::parse_number(rest.substr(0, 3), 999);
  if (!known || !number || *number < 100 || (rest.size() > 3 && rest[3] != ' '))
    return Failure{"no HTTP: it begins with " + shown(line)};
  status_ = static_cast<int>(*number);
  state_ = State::headers;
  return Done{};
}

Status HttpReplyReader::take_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || line.front() == ' ' || line.front() == '\t')
    return Failure{"no HTTP: the header " + shown(line)};
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = contract::trim(line.substr(colon + 1));
  if (is_same(name, "content-length")) return take_content_length(value);
  if (!is_same(name, "transfer-encoding")) return Done{};
  if (!is_same(value, "chunked") || chunked_) return Failure{"the reply is encoded as " + shown(value)};
  chunked_ = true;
  return Done{};
}

Status HttpReplyReader::take_content_length(std::string_view value) {
  const auto number = contract::parse_number(value, UINT64_MAX);
  if (!number || length_.value_or(*number) != *number) return Failure{"no HTTP: a Content-Length of " + shown(value)};
  if (*number > largest_body) return too_large();
  length_ = number;
  return Done{};
}

/// Behind the empty line. RFC 9112 6.3: chunks go before a length; without both the connection's end is the body's.
void HttpReplyReader::begin_body() {
  const bool interim = status_ < 200;  // 100 Continue and the like: the reply proper follows
  const bool chunked = chunked_;
  const auto length = length_;
  chunked_ = false;
  length_.reset();
  left_ = length.value_or(0);
  if (interim)
    state_ = State::status_line;
  else if (status_ == 204 || status_ == 304)
    state_ = State::whole;
  else if (chunked)
    state_ = State::chunk_size;
  else if (length)
    state_ = left_ == 0 ? State::whole : State::body_of_length;
  else
    state_ = State::body_until_end;
}

/// Hexadecimal digits, then perhaps ";" and extensions.
Status HttpReplyReader::take_chunk_size(std::string_view line) {
  const std::string_view digits = contract::trim(line.substr(0, line.find(';')));
  left_ = 0;
  for (const char c : digits) {
    const std::size_t value = std::string_view("0123456789abcdefABCDEF").find(c);
    if (value == std::string_view::npos) return Failure{"no HTTP: a chunk size of " + shown(line)};
    left_ = left_ * 16 + (value < 16 ? value : value - 6);
    if (left_ > largest_body) return too_large();
  }
  if (digits.empty()) return Failure{"no HTTP: a chunk without a size"};
  state_ = left_ == 0 ? State::trailers : State::chunk;
  return Done{};
}

Status HttpReplyReader::add_to_body(std::string_view& bytes) {
  const bool bounded = state_ != State::body_until_end;
  const std::size_t count =
      bounded ? static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_)) : bytes.size();
  if ((bounded ? left_ : count) > largest_body - body_.size()) return too_large();
  append_wiped(body_, bytes.substr(0, count));
  bytes.remove_prefix(count);
  if (!bounded) return Done{};
  left_ -= count;
  if (left_ == 0) state_ = state_ == State::chunk ? State::chunk_end : State::whole;
  return Done{};
}

Status HttpReplyReader::end() {
  if (state_ == State::body_until_end) state_ = State::whole;
  if (is_whole()) return Done{};
  const bool nothing = head_size_ == 0;
  return Failure{nothing ? "the server closed the connection without a reply"
                         : "the server closed the connection within its reply"};
}

HttpReply HttpReplyReader::reply() { return {status_, Secret(std::move(body_))}; }

}  // namespace lifeboat::init
