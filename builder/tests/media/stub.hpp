#pragma once
#include <filesystem>

#include "builder/tests/distro/real_file.hpp"

namespace lifeboat::testing {

/// systemd's stub, as Debian has it.
inline std::filesystem::path real_stub() {
  return fetch_real_file("systemd-boot-efi", "usr/lib/systemd/boot/efi/linuxx64.efi.stub");
}

}  // namespace lifeboat::testing
