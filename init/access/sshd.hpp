#pragma once
#include <string>
#include <string_view>

#include "init/sys/result.hpp"
#include "init/sys/spawn.hpp"

namespace lifeboat::init {

/// Who may come in over SSH.
struct SshdAccess {
  bool password = false;
  bool keys = false;
};

/// sshd in the foreground. What decides over access is said here, whatever the image's configuration says: root may
/// come in, with a password only if one was set.
Command make_sshd_command(const SshdAccess& access);

/// Whether a line of /proc/net/tcp or tcp6 is a socket that listens on the port.
bool listens_on(std::string_view proc_net_tcp, int port);

/// The same for this network namespace, IPv4 or IPv6.
bool is_listening(int port);

}  // namespace lifeboat::init
