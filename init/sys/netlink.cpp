#include "init/sys/netlink.hpp"

#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

namespace lifeboat::init {
namespace {

using Buffer = std::array<char, 65536>;

/// Calls `use` for each whole message; stops where it returns false.
void each_message(std::string_view bytes, const std::function<bool(const nlmsghdr&, std::string_view)>& use) {
  while (bytes.size() >= sizeof(nlmsghdr)) {
    nlmsghdr header{};
    std::memcpy(&header, bytes.data(), sizeof header);
    if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > bytes.size()) return;
    if (!use(header, bytes.substr(NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN))) return;
    bytes.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), bytes.size()));
  }
}

/// What an NLMSG_ERROR says: 0 is the acknowledgement.
int error_of(std::string_view payload) {
  int error = -EPROTO;
  if (payload.size() >= sizeof error) std::memcpy(&error, payload.data(), sizeof error);
  return -error;
}

}  // namespace

NetlinkRequest::NetlinkRequest(std::uint16_t type, std::uint16_t flags) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  append(&header, sizeof header);
}

NetlinkRequest& NetlinkRequest::append(const void* data, std::size_t size) {
  bytes_.append(static_cast<const char*>(data), size);
  bytes_.resize(NLMSG_ALIGN(bytes_.size()));
  const auto length = static_cast<std::uint32_t>(bytes_.size());
  std::memcpy(bytes_.data(), &length, sizeof length);
  return *this;
}

NetlinkRequest& NetlinkRequest::attribute(std::uint16_t type, const void* data, std::size_t size) {
  rtattr attribute{};
  attribute.rta_len = static_cast<std::uint16_t>(RTA_LENGTH(size));
  attribute.rta_type = type;
  bytes_.append(reinterpret_cast<const char*>(&attribute), sizeof attribute);
  return append(data, size);
}

/// Without NLA_F_NESTED, which rtnetlink does not ask for and old kernels take for another type.
std::size_t NetlinkRequest::begin_nested(std::uint16_t type) {
  const std::size_t begun = bytes_.size();
  attribute(type, nullptr, 0);
  return begun;
}

void NetlinkRequest::end_nested(std::size_t begun) {
  const auto length = static_cast<std::uint16_t>(bytes_.size() - begun);
  std::memcpy(bytes_.data() + begun, &length, sizeof length);
}

void each_attribute(std::string_view payload, std::size_t body_size,
                    const std::function<void(std::uint16_t, std::string_view)>& use) {
  const std::size_t start = NLMSG_ALIGN(body_size);
  std::string_view rest = start <= payload.size() ? payload.substr(start) : std::string_view{};
  while (rest.size() >= sizeof(rtattr)) {
    rtattr attribute{};
    std::memcpy(&attribute, rest.data(), sizeof attribute);
    if (attribute.rta_len < sizeof attribute || attribute.rta_len > rest.size()) return;
    use(attribute.rta_type, rest.substr(sizeof attribute, attribute.rta_len - sizeof attribute));
    rest.remove_prefix(std::min<std::size_t>(RTA_ALIGN(attribute.rta_len), rest.size()));
  }
}

Result<Netlink> Netlink::open(int protocol, std::uint32_t groups) {
  Netlink netlink;
  netlink.fd_ = Fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
  if (!netlink.fd_) return failure_from_errno("opening a netlink socket", errno);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = groups;
  if (::bind(netlink.fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return failure_from_errno("binding a netlink socket", errno);
  return netlink;
}

Status Netlink::request(const NetlinkRequest& request, const std::string& doing) {
  return exchange(request, doing, [](const NetlinkMessage&) {});
}

Status Netlink::dump(const NetlinkRequest& request, const std::string& doing,
                     const std::function<void(const NetlinkMessage&)>& use) {
  return exchange(request, doing, use);
}

/// The socket serves one exchange at a time, so whatever arrives before the end belongs to it.
Status Netlink::exchange(const NetlinkRequest& request, const std::string& doing,
                         const std::function<void(const NetlinkMessage&)>& use) {
  const std::string_view bytes = request.bytes();
  if (::send(fd_.get(), bytes.data(), bytes.size(), 0) < 0) return failure_from_errno(doing, errno);
  auto buffer = std::make_unique<Buffer>();
  std::optional<int> end;
  while (!end) {
    pollfd poll{fd_.get(), POLLIN, 0};
    if (::poll(&poll, 1, 1000) != 1) return Failure{doing + ": the kernel gave no answer within a second"};
    const ssize_t count = ::recv(fd_.get(), buffer->data(), buffer->size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure_from_errno(doing, errno);
    each_message({buffer->data(), static_cast<std::size_t>(count)},
                 [&](const nlmsghdr& header, std::string_view payload) {
                   if (header.nlmsg_type == NLMSG_ERROR) end = error_of(payload);
                   if (header.nlmsg_type == NLMSG_DONE) end = 0;
                   if (!end) use({header.nlmsg_type, payload});
                   return !end;
                 });
  }
  return *end == 0 ? Status(Done{}) : Status(failure_from_errno(doing, *end));
}

bool Netlink::receive_events(const std::function<void(const NetlinkMessage&)>& use) {
  constexpr int most_at_once = 256;
  auto buffer = std::make_unique<Buffer>();
  for (int i = 0; i < most_at_once; ++i) {
    const ssize_t count = ::recv(fd_.get(), buffer->data(), buffer->size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno != ENOBUFS;
    each_message({buffer->data(), static_cast<std::size_t>(count)},
                 [&](const nlmsghdr& header, std::string_view payload) {
                   use({header.nlmsg_type, payload});
                   return true;
                 });
  }
  return true;
}

}  // namespace lifeboat::init
