#pragma once
#include <filesystem>
#include <string>

#include "builder/media/media.hpp"

namespace lifeboat {

/// The menu of a hybrid image, for BIOS and EFI alike: grub.cfg on its ISO 9660 file system. `title` heads it.
std::string grub_menu(const std::string& title, const std::string& kernel_arguments);

/// What GRUB for EFI finds beside itself when firmware started it from the image as a disk: goes on to the menu of the
/// same disk, never of another.
std::string grub_esp_menu();

/// Writes GRUB for BIOS with grub-mkimage, from the distribution's modules: an El Torito boot image that xorriso also
/// makes bootable from the first sector of a disk.
void write_grub_bios_image(const std::filesystem::path& modules, const std::filesystem::path& file);

}  // namespace lifeboat
