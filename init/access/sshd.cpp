#include "init/access/sshd.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string_view>

#include "init/access/host_key.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

Status read_greeting(int port) {
  constexpr std::string_view greeting = "SSH-2.0-";
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval limit{5, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return failure_from_errno("connecting to port " + std::to_string(port), errno);
  std::array<char, greeting.size()> bytes{};
  if (::recv(socket.get(), bytes.data(), bytes.size(), MSG_WAITALL) < static_cast<ssize_t>(bytes.size()) ||
      std::string_view(bytes.data(), bytes.size()) != greeting)
    return Failure{"port " + std::to_string(port) + " does not greet as an SSH server does"};
  return Done{};
}

}  // namespace

Command make_sshd_command(const SshdAccess& access) {
  const std::string passwords = access.password ? "yes" : "no";
  return {.argv = {"/usr/sbin/sshd",
                   "-D",
                   "-e",
                   "-o",
                   "HostKey=" + std::string(host_key_path),
                   "-o",
                   "PidFile=none",
                   "-o",
                   "Port=22",
                   "-o",
                   "UseDNS=no",
                   "-o",
                   std::string("PermitRootLogin=") + (access.password ? "yes" : "prohibit-password"),
                   "-o",
                   "PasswordAuthentication=" + passwords,
                   "-o",
                   "KbdInteractiveAuthentication=no",
                   "-o",
                   "PermitEmptyPasswords=no",
                   "-o",
                   "PubkeyAuthentication=yes"}};
}

Status await_ssh_server(int port, Milliseconds limit) {
  constexpr Milliseconds pause{20};
  const auto until = Clock::now() + limit;
  Status greeted = Failure{"it was not tried"};
  while (Clock::now() < until) {
    greeted = read_greeting(port);
    if (greeted) return greeted;
    ::poll(nullptr, 0, pause.count());
  }
  return greeted;
}

}  // namespace lifeboat::init
