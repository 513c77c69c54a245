#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "init/sys/clock.hpp"
#include "init/sys/result.hpp"
#include "init/sys/spawn.hpp"

namespace lifeboat::init {

/// Who may come in over SSH.
struct SshdAccess {
  bool password = false;
  bool keys = false;
  std::vector<std::string> without = {};  ///< optional options that the image's sshd does not know, by name
};

/// One of those that newer versions have.
inline constexpr const char* sshd_path = "/usr/sbin/sshd";

/// Our settings that only newer versions know.
std::vector<std::string> optional_sshd_options();
bool is_optional_sshd_option(std::string_view name);

/// sshd in the foreground. What decides over access is said here, whatever the image's configuration says: root may
/// come in, with a password only if one was set; guessing is slow, and strangers who hold connections open lock nobody
/// out.
Command make_sshd_command(const SshdAccess& access);

/// Connects to the port on this machine again and again until an SSH server greets there ("SSH-2.0-..."). Blocks: for a
/// worker. A Failure says what was met last.
Status await_ssh_server(int port, Milliseconds limit);

}  // namespace lifeboat::init
