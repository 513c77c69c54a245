#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "qemu-tests/harness/raw_servers.hpp"

namespace lifeboat::qemu {
namespace {

// RFC 2131: the fixed part, the magic number, then the options.
constexpr std::size_t fixed_size = 236, options_start = 240, file_size = 128, server_name_size = 64;
const std::string magic = "\x63\x82\x53\x63", ours = {10, 9, 0, 1};

int byte_at(const std::string& text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

/// The content of an option, or nothing. A client's packets are well-formed.
std::string option_of(const std::string& packet, int code) {
  for (std::size_t at = options_start; at + 1 < packet.size();) {
    if (byte_at(packet, at) == 0) {
      ++at;
      continue;
    }
    const auto length = static_cast<std::size_t>(byte_at(packet, at + 1));
    if (byte_at(packet, at) == code) return packet.substr(at + 2, length);
    at += 2 + length;
  }
  return "";
}

std::string padded(std::string text, std::size_t size) {
  text.resize(size, '\0');
  return text;
}

Fd open_socket(const std::string& device) {
  Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_port = htons(67);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes);
  const bool bound =
      ::setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, device.data(), static_cast<socklen_t>(device.size())) == 0 &&
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0;
  if (!bound) throw Failure("a DHCP server's socket on " + device + ": " + std::strerror(errno));
  return fd;
}

}  // namespace

std::string tlv(int code, const std::string& content) {
  return std::string(1, static_cast<char>(code)) + static_cast<char>(content.size()) + content;
}

RawDhcpServer::RawDhcpServer(const Lab& lab, const std::string& segment, Answer answer)
    : answer_(std::move(answer)), stop_(::eventfd(0, EFD_CLOEXEC)) {
  lab.network().inside([&] { socket_ = open_socket(segment); });
  thread_ = std::thread([this] { serve(); });
}

RawDhcpServer::~RawDhcpServer() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(stop_.get(), &one, sizeof one));
  thread_.join();
}

void RawDhcpServer::serve() {
  std::array<pollfd, 2> waiting{{{socket_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
  while (true) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;  // EINTR
    if (waiting[1].revents != 0) return;
    std::array<char, 4096> buffer;
    const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n <= static_cast<ssize_t>(options_start)) continue;
    DhcpRequest request{.type = 0, .packet = {buffer.data(), static_cast<std::size_t>(n)}, .asked_address = {}};
    if (const std::string type = option_of(request.packet, 53); !type.empty()) request.type = byte_at(type, 0);
    request.asked_address = option_of(request.packet, 50);
    ++requests_;
    for (const DhcpReply& reply : answer_(request)) send(request, reply);
  }
}

void RawDhcpServer::send(const DhcpRequest& to, const DhcpReply& reply) const {
  std::string packet = to.packet.substr(0, fixed_size);  // with its transaction, flags and hardware address
  packet[0] = 2;
  packet.replace(12, 12, std::string(4, '\0') + address_bytes(reply.address) + ours);
  packet.replace(44, server_name_size, padded(reply.server_name, server_name_size));
  packet.replace(44 + server_name_size, file_size, padded(reply.file, file_size));
  packet += magic + tlv(53, std::string(1, static_cast<char>(reply.type))) + tlv(54, ours) + reply.options + '\xff';
  sockaddr_in all{};
  all.sin_family = AF_INET;
  all.sin_port = htons(68);
  all.sin_addr.s_addr = INADDR_BROADCAST;
  ::sendto(socket_.get(), packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&all), sizeof all);
}

std::string address_bytes(const std::string& text) {
  std::string bytes(16, '\0');
  const bool ipv6 = text.find(':') != std::string::npos;
  if (::inet_pton(ipv6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data()) != 1) throw Failure("no address: " + text);
  return bytes.substr(0, ipv6 ? 16 : 4);
}

}  // namespace lifeboat::qemu
