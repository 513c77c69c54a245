#pragma once
#include <linux/netlink.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// One netlink request under construction: header, the family's own struct, attributes.
class NetlinkRequest {
 public:
  NetlinkRequest(std::uint16_t type, std::uint16_t flags);

  template <class Body>
  NetlinkRequest& body(const Body& value) {
    return append(&value, sizeof value);
  }
  NetlinkRequest& attribute(std::uint16_t type, const void* data, std::size_t size);
  NetlinkRequest& attribute(std::uint16_t type, std::string_view bytes) {
    return attribute(type, bytes.data(), bytes.size());
  }
  NetlinkRequest& attribute(std::uint16_t type, std::uint32_t value) { return attribute(type, &value, sizeof value); }

  /// What is added until end_nested() is the value of an attribute: end_nested takes what begin_nested gave.
  std::size_t begin_nested(std::uint16_t type);
  void end_nested(std::size_t begun);

  /// The bytes to send, padded and with their length.
  std::string_view bytes() const { return bytes_; }

 private:
  NetlinkRequest& append(const void* data, std::size_t size);
  std::string bytes_;
};

/// One message of an answer or event; views into the receive buffer.
struct NetlinkMessage {
  std::uint16_t type;
  std::string_view payload;
};

/// The attributes behind a fixed body of `body_size` bytes. Lengths are checked; a broken tail is left out.
void each_attribute(std::string_view payload, std::size_t body_size,
                    const std::function<void(std::uint16_t, std::string_view)>& use);

/// A netlink socket. Requests wait for the kernel's answer, at most a second.
class Netlink {
 public:
  /// `groups`: the multicast groups to follow (RTMGRP_*), 0 for requests alone.
  static Result<Netlink> open(int protocol, std::uint32_t groups);

  const Fd& fd() const { return fd_; }
  /// Sends it and waits for the acknowledgement. `doing` names it for the Failure.
  Status request(const NetlinkRequest& request, const std::string& doing);
  /// As request, for a dump: calls `use` for every message.
  Status dump(const NetlinkRequest& request, const std::string& doing,
              const std::function<void(const NetlinkMessage&)>& use);
  /// Reads what has arrived, without waiting, and no more at once than a flood leaves time for: the rest is there next
  /// time. False: the kernel dropped events (its buffer was full); ask it anew.
  bool receive_events(const std::function<void(const NetlinkMessage&)>& use);

 private:
  Status exchange(const NetlinkRequest& request, const std::string& doing,
                  const std::function<void(const NetlinkMessage&)>& use);
  Fd fd_;
};

}  // namespace lifeboat::init
