#include "init/sys/uevent.hpp"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace lifeboat::init {
namespace {

constexpr unsigned kernel_group = 1;

void read_field(Uevent& event, std::string_view field) {
  constexpr std::array<std::pair<std::string_view, std::string Uevent::*>, 7> known{
      {{"ACTION", &Uevent::action},
       {"DEVPATH", &Uevent::path},
       {"SUBSYSTEM", &Uevent::subsystem},
       {"DEVTYPE", &Uevent::type},
       {"DEVNAME", &Uevent::node},
       {"MODALIAS", &Uevent::alias},
       {"DM_VERITY_ERR_BLOCK_NR", &Uevent::damage}}};
  const std::size_t equals = field.find('=');
  if (equals == std::string_view::npos) return;
  for (const auto& [name, member] : known)
    if (field.substr(0, equals) == name) event.*member = std::string(field.substr(equals + 1));
}

}  // namespace

std::optional<Uevent> parse_uevent(std::string_view message) {
  const std::size_t head = message.find('\0');
  if (head == std::string_view::npos || message.substr(0, head).find('@') == std::string_view::npos)
    return std::nullopt;
  Uevent event;
  message.remove_prefix(head + 1);
  while (!message.empty()) {
    const std::size_t end = std::min(message.find('\0'), message.size());
    read_field(event, message.substr(0, end));
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  if (event.action.empty() || event.path.empty()) return std::nullopt;
  return event;
}

Result<UeventSocket> UeventSocket::open() {
  UeventSocket socket;
  socket.fd_ = Fd(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = kernel_group;
  if (!socket.fd_ || ::bind(socket.fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return failure_from_errno("listening for new devices", errno);
  const int room = 4 << 20;  // a coldplug sends thousands at once
  ::setsockopt(socket.fd_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  return socket;
}

void UeventSocket::receive(const std::function<void(const Uevent&)>& use) {
  std::array<char, 8192> buffer{};
  while (true) {
    sockaddr_nl sender{};
    socklen_t length = sizeof sender;
    const ssize_t count =
        ::recvfrom(fd_.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&sender), &length);
    if (count < 0 && (errno == EINTR || errno == ENOBUFS)) continue;
    if (count < 0) return;
    if (sender.nl_pid != 0) continue;  // not the kernel
    if (auto event = parse_uevent({buffer.data(), static_cast<std::size_t>(count)})) use(*event);
  }
}

}  // namespace lifeboat::init
