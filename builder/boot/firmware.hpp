#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace lifeboat {

enum class FirmwareKind { bios, uefi, secure_boot };

/// What runs before any boot loader. BIOS is QEMU's own and has no files.
struct Firmware {
  FirmwareKind kind = FirmwareKind::bios;
  std::filesystem::path code;
  std::filesystem::path variables;  ///< with the keys that Secure Boot trusts; never written
};

/// What --firmware takes.
std::vector<std::string> firmware_names();

/// `name` as --firmware takes it. `variables` is a store with other keys; empty: the one that the package brings, with
/// Microsoft's keys where it is for Secure Boot. `folder` has the files of Debian's package ovmf. Throws Error.
Firmware find_firmware(const std::string& name, const std::filesystem::path& variables,
                       const std::filesystem::path& folder = "/usr/share/OVMF");

/// The words for QEMU. Writes to the variables go to a temporary overlay.
std::vector<std::string> firmware_words(const Firmware& firmware);

}  // namespace lifeboat
