#pragma once
#include <filesystem>
#include <string>

#include "builder/media/media.hpp"

namespace lifeboat {

/// Writes a FAT file system for EFI firmware: shim as \EFI\BOOT\BOOTX64.EFI, GRUB beside it, GRUB's first menu. Its
/// serial number derives from the build id. `scratch` is a folder for files in between.
void write_esp(const MediaInput& input, const std::filesystem::path& scratch, const std::filesystem::path& file);

}  // namespace lifeboat
