#include "init/source/xenstore.hpp"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "init/contract/text.hpp"

namespace lifeboat::init {
namespace {

constexpr char zero = '\0';

/// True once the device is ready.
bool await(const Fd& device, short events, Clock::time_point until) {
  while (true) {
    const auto left = std::chrono::ceil<Milliseconds>(until - Clock::now()).count();
    pollfd poll{device.get(), events, 0};
    const int ready = left > 0 ? ::poll(&poll, 1, static_cast<int>(left)) : 0;
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

/// xenstored's errors are names. Others than these are of no use to anybody.
int number_of(std::string_view error) {
  if (error == "ENOENT") return ENOENT;
  if (error == "EACCES") return EACCES;
  return EIO;
}

}  // namespace

Xenstore::Xenstore(Fd device, Milliseconds limit) : device_(std::move(device)), limit_(limit) {
  ::fcntl(device_.get(), F_SETFL, O_NONBLOCK);
}

Status Xenstore::send(std::string_view bytes, Clock::time_point until) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(device_.get(), bytes.data(), bytes.size());
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (count < 0 && errno != EAGAIN && errno != EINTR) {
      return Failure{failure_from_errno("writing to xenstore", errno).what};
    } else if (!await(device_, POLLOUT, until)) {
      return Failure{"xenstore takes no request"};
    }
  }
  return Done{};
}

Status Xenstore::receive(Clock::time_point until) {
  if (!await(device_, POLLIN, until)) return Done{};
  std::array<char, 4096> buffer{};
  const ssize_t count = ::read(device_.get(), buffer.data(), buffer.size());
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return Done{};
  if (count < 0) return Failure{failure_from_errno("reading from xenstore", errno).what};
  if (count == 0) return Failure{"xenstore closed the connection"};
  Status taken = reader_.take({buffer.data(), static_cast<std::size_t>(count)});
  ::explicit_bzero(buffer.data(), buffer.size());
  return taken;
}

/// There is one request at a time, so the next reply is its own, whatever number it bears.
Result<std::string> Xenstore::exchange(XenstoreType type, const std::string& payload, const std::string& path) {
  if (payload.size() > largest_xenstore_payload) return Failure{"xenstore: " + path + ": too long", EINVAL};
  const Clock::time_point until = Clock::now() + limit_;
  if (Status sent = send(to_bytes({type, ++requests_, payload}), until); !sent) return sent.failure();
  while (true) {
    while (auto message = reader_.next()) {
      if (message->type == type) return std::move(message->payload);
      if (message->type == XenstoreType::watch_event) {
        changed_ = true;
        continue;
      }
      if (message->type != XenstoreType::error) return Failure{"xenstore: " + path + ": a reply to something else"};
      const std::string why = message->payload.substr(0, message->payload.find(zero));
      return Failure{"xenstore: " + path + ": " + why, number_of(why)};
    }
    if (Clock::now() >= until) return Failure{"xenstore: " + path + ": no answer"};
    if (Status received = receive(until); !received) return received.failure();
  }
}

Result<std::string> Xenstore::read(const std::string& path) { return exchange(XenstoreType::read, path + zero, path); }

Result<std::vector<std::string>> Xenstore::list(const std::string& path) {
  auto names = exchange(XenstoreType::directory, path + zero, path);
  if (!names) return names.failure();
  std::vector<std::string> list;
  for (const std::string_view name : contract::split_words(*names, std::string_view(&zero, 1))) list.emplace_back(name);
  return list;
}

Status Xenstore::write(const std::string& path, std::string_view value) {
  auto reply = exchange(XenstoreType::write, path + zero + std::string(value), path);
  return reply ? Status(Done{}) : Status(reply.failure());
}

Status Xenstore::make_folder(const std::string& path) {
  auto reply = exchange(XenstoreType::make_folder, path + zero, path);
  return reply ? Status(Done{}) : Status(reply.failure());
}

Status Xenstore::remove(const std::string& path) {
  auto reply = exchange(XenstoreType::remove, path + zero, path);
  return reply ? Status(Done{}) : Status(reply.failure());
}

Status Xenstore::watch(const std::string& path) {
  auto reply = exchange(XenstoreType::watch, path + zero + "lifeboat" + zero, path);
  return reply ? Status(Done{}) : Status(reply.failure());
}

Status Xenstore::await_change(Milliseconds longest) {
  const Clock::time_point until = Clock::now() + longest;
  while (!changed_ && Clock::now() < until) {
    if (Status received = receive(until); !received) return received;
    while (auto message = reader_.next()) changed_ = changed_ || message->type == XenstoreType::watch_event;
  }
  changed_ = false;
  return Done{};
}

}  // namespace lifeboat::init
