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

/// "SHA256:..." of a public key line, as `ssh-keygen -lf` prints it.
Result<std::string> fingerprint_of(std::string_view public_key_line);

}  // namespace lifeboat::init
