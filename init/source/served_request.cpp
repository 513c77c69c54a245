#include "init/source/served_request.hpp"

#include <strings.h>

#include <algorithm>
#include <array>
#include <optional>

#include "init/contract/text.hpp"

namespace lifeboat::init {
namespace {

struct StatusName {
  int status;
  const char* name;
};

constexpr std::array<StatusName, 10> status_names{{{200, "OK"},
                                                   {400, "Bad Request"},
                                                   {401, "Unauthorized"},
                                                   {404, "Not Found"},
                                                   {405, "Method Not Allowed"},
                                                   {413, "Content Too Large"},
                                                   {431, "Request Header Fields Too Large"},
                                                   {500, "Internal Server Error"},
                                                   {501, "Not Implemented"},
                                                   {505, "HTTP Version Not Supported"}}};

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return c > 0x20 && c < 0x7f &&
           std::string_view("()<>@,;:\\\"/[]?={}").find(static_cast<char>(c)) == std::string_view::npos;
  });
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Of a query: "a%20b+c" is "a b c".
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

Failure bad(const char* why, int status = 400) { return Failure{why, status}; }

Status take_query(std::string_view query, ServedRequest& request) {
  for (const std::string_view entry : contract::split_words(query, "&")) {
    const auto assignment = contract::split_assignment(entry);
    const auto name = percent_decoded(assignment ? assignment->first : entry);
    const auto value = percent_decoded(assignment ? assignment->second : "");
    if (!name || !value) return bad("the query is broken");
    request.query.emplace(*name, *value);
  }
  return Done{};
}

}  // namespace

Status ServedRequestReader::take(std::string_view bytes) {
  if (bytes.size() > largest_head + largest_body) return bad("too large", 413);
  held_ += bytes;
  if (!head_read_) {
    const std::size_t end = held_.find("\r\n\r\n");
    if (std::min(end, held_.size()) > largest_head) return bad("the headers are larger than 16 KiB", 431);
    if (end == std::string::npos) return Done{};
    if (Status head = take_head(std::string_view(held_).substr(0, end)); !head) return head;
    head_read_ = true;
    std::string rest = held_.substr(end + 4);
    held_.swap(rest);
    Secret::wipe(rest);
  }
  if (held_.size() > length_) return bad("more than the length that was announced");
  return Done{};
}

ServedRequest ServedRequestReader::request() {
  request_.body = Secret(std::move(held_));
  return std::move(request_);
}

Status ServedRequestReader::take_head(std::string_view head) {
  std::size_t end = head.find("\r\n");
  if (Status line = take_request_line(head.substr(0, end)); !line) return line;
  while (end != std::string_view::npos) {
    head.remove_prefix(end + 2);
    end = head.find("\r\n");
    if (Status line = take_header(head.substr(0, end)); !line) return line;
  }
  return Done{};
}

/// "POST /v1/commands/?wait=false HTTP/1.1"
Status ServedRequestReader::take_request_line(std::string_view line) {
  const std::size_t method = line.find(' '), version = line.rfind(' ');
  if (method == std::string_view::npos || method == version || !is_token(line.substr(0, method)))
    return bad("the request line is broken");
  if (!line.substr(version + 1).starts_with("HTTP/1.")) return bad("another version of HTTP", 505);
  const std::string_view target = line.substr(method + 1, version - method - 1);
  const bool printable = std::ranges::all_of(target, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (!target.starts_with('/') || !printable) return bad("the request line is broken");
  request_.method = line.substr(0, method);
  request_.path = target.substr(0, target.find('?'));
  if (request_.path.size() == target.size()) return Done{};
  return take_query(target.substr(request_.path.size() + 1), request_);
}

/// Only those count that tell where the body ends.
Status ServedRequestReader::take_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string name(line.substr(0, colon));
  if (colon == std::string_view::npos || !is_token(name)) return bad("a header is broken");
  if (::strcasecmp(name.c_str(), "Transfer-Encoding") == 0) return bad("a body in chunks", 501);
  if (::strcasecmp(name.c_str(), "Content-Length") != 0) return Done{};
  const auto length = contract::parse_number(contract::trim(line.substr(colon + 1)), UINT64_MAX);
  if (!length || has_length_) return bad("the length is broken");
  if (*length > largest_body) return bad("a body of more than 64 KiB", 413);
  has_length_ = true;
  length_ = static_cast<std::size_t>(*length);
  return Done{};
}

std::string make_http_reply(int status, std::string_view json) {
  const auto* known = std::ranges::find(status_names, status, &StatusName::status);
  return "HTTP/1.1 " + std::to_string(status) + " " + (known == status_names.end() ? "Status" : known->name) +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(json.size()) +
         "\r\nConnection: close\r\n\r\n" + std::string(json);
}

}  // namespace lifeboat::init
