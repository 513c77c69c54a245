#include "builder/tests/fetch/http_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <tuple>
#include <utility>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/text.hpp"

namespace lifeboat::testing {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// A socket bound to a free port of 127.0.0.1, and that port.
std::pair<Fd, std::uint16_t> bind_loopback() {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (!fd || ::bind(fd.get(), plain, size) != 0 || ::getsockname(fd.get(), plain, &size) != 0)
    throw system_error("opening a port of 127.0.0.1", errno);
  return {std::move(fd), ntohs(address.sin_port)};
}

/// Everything up to the empty line that ends a request without a body.
std::string read_head(const Fd& connection) {
  std::string head;
  std::array<char, 4096> buffer{};
  while (head.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = ::recv(connection.get(), buffer.data(), buffer.size(), 0);
    if (got <= 0) return "";
    head.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return head;
}

std::string unescaped(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    unsigned value = 0;
    if (path[i] == '%' && i + 2 < path.size() &&
        std::from_chars(path.data() + i + 1, path.data() + i + 3, value, 16).ec == std::errc{}) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += path[i];
    }
  }
  return out;
}

Request parse_request(std::string_view head) {
  Request request;
  const std::vector<std::string_view> lines = split_lines(head);
  const std::vector<std::string_view> words = split_words(lines.at(0));
  if (words.size() > 1) request.path = unescaped(words[1]);
  for (const std::string_view line : lines) {
    if (line.starts_with("Range: ")) request.range = trim(line.substr(7));
    if (line.starts_with("User-Agent: ")) request.user_agent = trim(line.substr(12));
  }
  return request;
}

void send_all(const Fd& connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(connection.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the client has gone, which is its right
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// "bytes=100-" -> 100; 0 for no range.
std::size_t range_start(std::string_view range) {
  std::size_t start = 0;
  if (range.starts_with("bytes=")) std::from_chars(range.data() + 6, range.data() + range.size(), start);
  return start;
}

std::string status_line(int status) { return "HTTP/1.1 " + std::to_string(status) + " X\r\nConnection: close\r\n"; }

void send_whole(const Fd& connection, int status, const std::string& headers, std::string_view body) {
  send_all(connection, status_line(status) + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                           std::string(body));
}

}  // namespace

HttpServer::HttpServer(std::filesystem::path root) : root_(std::move(root)), stop_(::eventfd(0, EFD_CLOEXEC)) {
  auto [listener, port] = bind_loopback();
  listener_ = std::move(listener);
  port_ = port;
  if (::listen(listener_.get(), 64) != 0) throw system_error("listening on 127.0.0.1", errno);
  acceptor_ = std::thread([this] { accept_all(); });
}

HttpServer::~HttpServer() {
  const std::uint64_t one = 1;
  if (::write(stop_.get(), &one, sizeof one) != sizeof one) std::terminate();
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
}

void HttpServer::accept_all() {
  while (true) {
    std::array<pollfd, 2> waiting{{{listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
    if (waiting[1].revents != 0) return;
    if (waiting[0].revents == 0) continue;
    Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection) threads_.emplace_back([this, fd = std::move(connection)]() mutable { serve(std::move(fd)); });
  }
}

void HttpServer::serve(Fd connection) {
  const std::string head = read_head(connection);
  if (head.empty()) return;
  const Request request = parse_request(head);
  const Answer answer = choose(request);
  if (answer.kind == Answer::Kind::status)
    send_whole(connection, answer.status, "", "sorry");
  else if (answer.kind == Answer::Kind::redirect)
    send_whole(connection, 302, "Location: " + answer.text + "\r\n", "");
  else if (answer.kind == Answer::Kind::page)
    send_whole(connection, 200, "Content-Type: text/html\r\n", answer.text);
  else
    send_file(connection, request, answer);
}

void HttpServer::send_file(const Fd& connection, const Request& request, const Answer& answer) {
  const std::filesystem::path file = root_ / request.path.substr(1);
  if (!std::filesystem::is_regular_file(file)) return send_whole(connection, 404, "", "no such file");
  const std::string content = read_file(file);
  const std::size_t start = answer.kind == Answer::Kind::no_range ? 0 : range_start(request.range);
  if (start >= content.size() && start > 0) return send_whole(connection, 416, "", "");
  std::string head = status_line(start > 0 ? 206 : 200);
  if (start > 0)
    head += "Content-Range: bytes " + std::to_string(start) + "-" + std::to_string(content.size() - 1) + "/" +
            std::to_string(content.size()) + "\r\n";
  send_body(connection, head, std::string_view(content).substr(start), answer);
}

void HttpServer::send_body(const Fd& connection, const std::string& head, std::string_view body, const Answer& answer) {
  const std::string_view half = body.substr(0, body.size() / 2);
  if (answer.kind == Answer::Kind::chunked_short) {
    std::array<char, 32> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", half.size());
    return send_all(connection,
                    head + "Transfer-Encoding: chunked\r\n\r\n" + size.data() + std::string(half) + "\r\n0\r\n\r\n");
  }
  const std::size_t length = body.size() + (answer.kind == Answer::Kind::wrong_length ? 7 : 0);
  send_all(connection, head + "Content-Length: " + std::to_string(length) + "\r\n\r\n");
  if (answer.kind == Answer::Kind::stall || answer.kind == Answer::Kind::cut || answer.kind == Answer::Kind::reset) {
    send_all(connection, half);
    if (answer.kind == Answer::Kind::stall) wait_for_end(connection, -1);
    const linger at_once{1, 0};
    if (answer.kind == Answer::Kind::reset)
      ::setsockopt(connection.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    return;
  }
  if (answer.kind == Answer::Kind::drip)
    while (!body.empty() && !wait_for_end(connection, 50)) {
      send_all(connection, body.substr(0, 1));
      body.remove_prefix(1);
    }
  send_all(connection, body);
}

bool HttpServer::wait_for_end(const Fd& connection, int milliseconds) const {
  std::array<pollfd, 2> waiting{{{connection.get(), POLLIN | POLLRDHUP, 0}, {stop_.get(), POLLIN, 0}}};
  return ::poll(waiting.data(), waiting.size(), milliseconds) != 0;
}

Answer HttpServer::choose(const Request& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
  arrived_.notify_all();
  const std::string& path = request.path;
  if (std::deque<Answer>& queue = next_[path]; !queue.empty()) {
    Answer answer = std::move(queue.front());
    queue.pop_front();
    return answer;
  }
  for (const std::string& key : {path, std::string()})
    if (const auto found = always_.find(key); found != always_.end()) return found->second;
  return {};
}

void HttpServer::next(const std::string& path, std::vector<Answer> answers) {
  const std::lock_guard lock(mutex_);
  for (Answer& answer : answers) next_[path].push_back(std::move(answer));
}

void HttpServer::always(const std::string& path, Answer answer) {
  const std::lock_guard lock(mutex_);
  always_[path] = std::move(answer);
}

std::vector<Request> HttpServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t HttpServer::count_locked(const std::string& path) const {
  return static_cast<std::size_t>(
      std::count_if(requests_.begin(), requests_.end(), [&](const Request& request) { return request.path == path; }));
}

std::size_t HttpServer::count(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return count_locked(path);
}

bool HttpServer::wait_for(const std::string& path, std::size_t times) const {
  std::unique_lock lock(mutex_);
  return arrived_.wait_for(lock, std::chrono::seconds(60), [&] { return count_locked(path) >= times; });
}

bool HttpServer::wait_for_any(std::size_t times) const {
  std::unique_lock lock(mutex_);
  return arrived_.wait_for(lock, std::chrono::seconds(60), [&] { return requests_.size() >= times; });
}

std::uint16_t closed_port() { return bind_loopback().second; }

DeafServer::DeafServer() {
  std::tie(listener_, port_) = bind_loopback();
  if (::listen(listener_.get(), 0) != 0) throw system_error("listening on 127.0.0.1", errno);
  const sockaddr_in address = loopback(port_);
  for (int i = 0; i < 4; ++i) {
    Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS)
      throw system_error("connecting to 127.0.0.1", errno);
    clients_.push_back(std::move(client));
  }
}

}  // namespace lifeboat::testing
