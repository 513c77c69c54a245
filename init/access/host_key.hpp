#pragma once
#include <string>
#include <string_view>

#include "init/sys/result.hpp"
#include "init/sys/spawn.hpp"

namespace lifeboat::init {

inline constexpr std::string_view host_key_path = "/etc/ssh/ssh_host_ed25519_key";

/// ssh-keygen for a new ed25519 host key at `path`. A key that is there already (it came with the image, so all the
/// world has it) is removed first.
Command make_host_key_command(const std::string& path);

/// ssh-keygen for the public line of a private key, on its standard output.
Command make_public_key_command(const std::string& path);

/// sshd's key as others know it.
struct HostKey {
  std::string line;         ///< "ssh-ed25519 AAAA... comment"
  std::string fingerprint;  ///< "SHA256:...", as `ssh-keygen -lf` prints it
  std::string type;         ///< "ED25519", as there
  unsigned bits = 0;        ///< 256, as there
};
Result<HostKey> parse_host_key(std::string_view public_key_line);

/// The two blocks that cloud-init prints on the console: who reads host keys off console logs looks for their markers.
std::string host_key_blocks(const HostKey& key);

}  // namespace lifeboat::init
