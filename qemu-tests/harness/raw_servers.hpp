#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "qemu-tests/harness/lab.hpp"

namespace lifeboat::qemu {

/// `bytes` as a DHCP option or a router's option would hold them: code, length in one byte, content.
std::string tlv(int code, const std::string& content);

/// What a DHCPv4 client sent.
struct DhcpRequest {
  int type = 0;               ///< 1 DISCOVER, 3 REQUEST, 4 DECLINE ...
  std::string packet;         ///< all of it
  std::string asked_address;  ///< four bytes of option 50, or none
};

/// What is answered. Bytes as they go over the wire, with no care for what is right.
struct DhcpReply {
  int type = 2;         ///< 2 OFFER, 5 ACK, 6 NAK
  std::string address;  ///< dotted
  std::string options;  ///< after the message type and our own address; the end mark comes by itself
  std::string server_name = {}, file = {};  ///< the fixed fields, for option overload
};

/// A DHCPv4 server that says whatever the test wants, wrong or right: for what real ones cannot be made to say. It
/// answers as 10.9.0.1 to everyone, by broadcast.
class RawDhcpServer {
 public:
  using Answer = std::function<std::vector<DhcpReply>(const DhcpRequest&)>;
  RawDhcpServer(const Lab& lab, const std::string& segment, Answer answer);
  RawDhcpServer(const RawDhcpServer&) = delete;
  RawDhcpServer& operator=(const RawDhcpServer&) = delete;
  ~RawDhcpServer();

  int requests() const { return requests_; }

 private:
  Answer answer_;
  Fd socket_, stop_;
  std::atomic<int> requests_ = 0;
  std::thread thread_;
  void serve();
  void send(const DhcpRequest& to, const DhcpReply& reply) const;
};

/// Ethernet frames onto a segment, from whomever the test wants.
class RawRouter {
 public:
  RawRouter(const Lab& lab, const std::string& segment);
  /// A router advertisement of the `number`-th of 65,536 routers (its addresses are made of that), valid for
  /// `lifetime` seconds, with these options. False: the queue is full.
  bool advertise(int number, int lifetime, const std::string& options) const;

 private:
  Fd socket_;
};

/// Options of router advertisements. `prefix`: its first eight bytes.
std::string prefix_option(const std::string& prefix, std::uint32_t lifetime);
/// `servers`: 16 bytes each.
std::string rdnss_option(const std::string& servers, std::uint32_t lifetime);
/// `names` as they are encoded: a length byte before each label, 0 at the end of a name.
std::string dnssl_option(std::string names, std::uint32_t lifetime);

/// Big-endian numbers.
std::string be16(unsigned value);
std::string be32(std::uint32_t value);
/// The four or sixteen bytes of a numeric address.
std::string address_bytes(const std::string& text);

}  // namespace lifeboat::qemu
