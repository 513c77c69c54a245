#include "init/access/sshd.hpp"

#include <cstdio>

#include "init/access/host_key.hpp"
#include "init/contract/text.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {

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

/// Fields: "sl local_address rem_address st ..."; 0A is TCP_LISTEN.
bool listens_on(std::string_view proc_net_tcp, int port) {
  char ending[8];
  std::snprintf(ending, sizeof ending, ":%04X", static_cast<unsigned>(port) & 0xffff);
  for (std::string_view line : contract::split_words(proc_net_tcp, "\n")) {
    const auto fields = contract::split_words(line, " ");
    if (fields.size() > 3 && fields[1].ends_with(ending) && fields[3] == "0A") return true;
  }
  return false;
}

bool is_listening(int port) {
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"})
    if (listens_on(read_file(table).value_or(""), port)) return true;
  return false;
}

}  // namespace lifeboat::init
