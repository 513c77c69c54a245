#include "init/boot/notify.hpp"

#include <linux/vm_sockets.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "init/contract/text.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view message = "READY=1\n";

Status send_over(int type, const sockaddr* address, socklen_t size) {
  const Fd socket(::socket(address->sa_family, type | SOCK_CLOEXEC, 0));
  if (!socket) return failure_from_errno("making a socket", errno);
  const timeval limit{2, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);  // it bounds connect(2), too
  if (::connect(socket.get(), address, size) != 0) return failure_from_errno("connecting", errno);
  if (::send(socket.get(), message.data(), message.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(message.size()))
    return failure_from_errno("sending", errno);
  return Done{};
}

/// In the order in which they are tried.
struct Kind {
  std::string_view prefix;
  std::vector<int> types;
};

Status notify_vsock(std::string_view place, const std::vector<int>& types) {
  const std::size_t colon = place.find(':');
  const auto cid = contract::parse_number(place.substr(0, colon), UINT32_MAX);
  const auto port =
      colon == std::string_view::npos ? std::nullopt : contract::parse_number(place.substr(colon + 1), UINT32_MAX);
  if (!cid || !port) return Failure{"it is not vsock:CID:PORT"};
  sockaddr_vm address{};
  address.svm_family = AF_VSOCK;
  address.svm_cid = static_cast<unsigned>(*cid);
  address.svm_port = static_cast<unsigned>(*port);
  Status sent = Failure{"no kind of socket"};
  for (const int type : types) {
    sent = send_over(type, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    if (sent) break;
  }
  return sent;
}

Status notify_path(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Failure{"its path is too long"};
  std::ranges::copy(path, address.sun_path);
  const bool abstract = path.starts_with('@');
  if (abstract) address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  return send_over(SOCK_DGRAM, reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace

Status notify_ready(const std::string& address) {
  Status sent = Failure{"it is neither vsock:CID:PORT nor a path"};
  if (address.starts_with('/') || address.starts_with('@')) sent = notify_path(address);
  for (const Kind& kind :
       {Kind{"vsock:", {SOCK_SEQPACKET, SOCK_STREAM, SOCK_DGRAM}}, Kind{"vsock-stream:", {SOCK_STREAM}},
        Kind{"vsock-dgram:", {SOCK_DGRAM}}, Kind{"vsock-seqpacket:", {SOCK_SEQPACKET}}})
    if (address.starts_with(kind.prefix))
      sent = notify_vsock(std::string_view(address).substr(kind.prefix.size()), kind.types);
  return sent ? sent : Status(Failure{"telling " + address + " that the system is ready: " + sent.error()});
}

}  // namespace lifeboat::init
