#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace lifeboat {

/// One of the media that `lifeboat build` writes, as something to boot from.
enum class MediumKind { netboot, iso, qcow2, raw, uki };

struct BootMedium {
  MediumKind kind = MediumKind::netboot;
  std::filesystem::path path;  ///< absolute; netboot: the folder with vmlinuz and initrd.img
};

/// What --medium takes, in the order in which an output folder is looked through.
std::vector<std::string> boot_medium_names();

/// `path` is an output folder, or one medium file that its name tells (rescue.iso, .qcow2, .raw, .efi). `name` picks
/// the medium of a folder, or says what a file is; empty: the first of boot_medium_names() that is there. Throws Error.
BootMedium find_boot_medium(const std::filesystem::path& path, const std::string& name);

}  // namespace lifeboat
