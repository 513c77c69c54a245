#include "init/access/sshd.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <string_view>

#include "init/access/host_key.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

struct Guard {
  std::string_view name;
  std::string_view value;
  bool optional;  ///< only newer versions know it
};

/// Against guessing, and against those who open connections and say nothing: each that is not logged in yet costs some
/// 4 MiB of memory. A client offers every key of its agent before it asks for a password, and each counts as a try:
/// with fewer than ten, owners of many keys could not log in.
constexpr std::array<Guard, 6> guards{{{"LoginGraceTime", "60", false},
                                       {"MaxAuthTries", "10", false},
                                       {"MaxStartups", "20:30:60", false},
                                       {"PerSourceMaxStartups", "10", true},      // 8.5
                                       {"PerSourceNetBlockSize", "32:64", true},  // 8.5
                                       {"PerSourcePenalties", "max:2m", true}}};  // 9.8

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

std::vector<std::string> optional_sshd_options() {
  std::vector<std::string> names;
  for (const Guard& guard : guards)
    if (guard.optional) names.emplace_back(guard.name);
  return names;
}

bool is_optional_sshd_option(std::string_view name) {
  return std::ranges::any_of(guards, [name](const Guard& guard) { return guard.optional && guard.name == name; });
}

Command make_sshd_command(const SshdAccess& access) {
  Command command{.argv = {sshd_path, "-D", "-e"}};
  const auto set = [&command](const std::string& name, const std::string& value) {
    command.argv.insert(command.argv.end(), {"-o", name + "=" + value});
  };
  set("HostKey", std::string(host_key_path));
  set("PidFile", "none");
  set("Port", "22");
  set("UseDNS", "no");
  set("PermitRootLogin", access.password ? "yes" : "prohibit-password");
  set("PasswordAuthentication", access.password ? "yes" : "no");
  set("KbdInteractiveAuthentication", "no");
  set("PermitEmptyPasswords", "no");
  set("PubkeyAuthentication", "yes");
  for (const Guard& guard : guards)
    if (std::ranges::find(access.without, guard.name) == access.without.end())
      set(std::string(guard.name), std::string(guard.value));
  return command;
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
