#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "qemu-tests/harness/raw_servers.hpp"

namespace lifeboat::qemu {
namespace {

constexpr unsigned icmpv6 = 58;
const std::string all_nodes_mac{"\x33\x33\x00\x00\x00\x01", 6};

/// RFC 1071.
std::string checksum(const std::string& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    sum += std::uint32_t{static_cast<unsigned char>(bytes[i])} << (i % 2 == 0 ? 8 : 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return be16(~sum & 0xffff);
}

}  // namespace

std::string be16(unsigned value) {
  return std::string(1, static_cast<char>(value >> 8 & 0xff)) + static_cast<char>(value & 0xff);
}
std::string be32(std::uint32_t value) { return be16(value >> 16) + be16(value & 0xffff); }

RawRouter::RawRouter(const Lab& lab, const std::string& segment) {
  lab.network().inside([&] {
    socket_ = Fd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    sockaddr_ll here{};
    here.sll_family = AF_PACKET;
    here.sll_ifindex = static_cast<int>(::if_nametoindex(segment.c_str()));
    if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0)
      throw Failure("a router's socket on " + segment + ": " + std::strerror(errno));
  });
}

/// RFC 4861, 4.2: hop limit 255, from a link-local address.
bool RawRouter::advertise(int number, int lifetime, const std::string& options) const {
  const std::string id = be16(static_cast<unsigned>(number));
  const std::string mac = std::string("\x02\x00\x00\x01", 4) + id;
  const std::string from = address_bytes("fe80::1:0:0").replace(14, 2, id), to = address_bytes("ff02::1");
  std::string message = std::string("\x86\x00\x00\x00", 4) + std::string("\x40\x00", 2) +
                        be16(static_cast<unsigned>(lifetime)) + be32(0) + be32(0) + options;
  const auto size = static_cast<std::uint32_t>(message.size());
  message.replace(2, 2, checksum(from + to + be32(size) + be32(icmpv6) + message));
  const std::string frame =
      all_nodes_mac + mac + be16(ETH_P_IPV6) + be32(0x60000000) + be16(size) + "\x3a\xff" + from + to + message;
  return ::send(socket_.get(), frame.data(), frame.size(), MSG_DONTWAIT) >= 0;
}

/// On-link, for addresses (L and A flags), /64.
std::string prefix_option(const std::string& prefix, std::uint32_t lifetime) {
  return std::string("\x03\x04\x40\xc0", 4) + be32(lifetime) + be32(lifetime) + be32(0) + prefix.substr(0, 8) +
         std::string(8, '\0');
}

std::string rdnss_option(const std::string& servers, std::uint32_t lifetime) {
  return std::string(1, '\x19') + static_cast<char>(1 + servers.size() / 8) + be16(0) + be32(lifetime) + servers;
}

std::string dnssl_option(std::string names, std::uint32_t lifetime) {
  while (names.size() % 8 != 0) names += '\0';
  return std::string(1, '\x1f') + static_cast<char>(1 + names.size() / 8) + be16(0) + be32(lifetime) + names;
}

}  // namespace lifeboat::qemu
