#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace lifeboat::qemu {

/// BIOS is QEMU's own; the others are Debian's package ovmf, secure_boot with Microsoft's keys (on machine q35).
enum class Firmware { bios, uefi, secure_boot };

/// Where Debian's package ovmf keeps its files.
inline constexpr const char* ovmf_folder = "/usr/share/OVMF/";

/// The words for QEMU. `variables`: the guest's own store, which it writes; empty: a throw-away one as the package
/// brings it.
std::vector<std::string> firmware_words(Firmware firmware, const std::filesystem::path& variables);

}  // namespace lifeboat::qemu
