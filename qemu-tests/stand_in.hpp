#pragma once
#include <filesystem>
#include <string>

#include "qemu-tests/harness/image.hpp"

namespace lifeboat::qemu {

/// Writes FOLDER/vmlinuz (that of the image `kernel_of`), initrd.img and manifest.json: an image whose init goes wrong
/// in the way that stand_in_init.cpp lists under `mode`. "panic": there is no init at all.
void make_stand_in_image(const std::filesystem::path& folder, const std::string& mode,
                         const std::filesystem::path& kernel_of = cloud_image());

}  // namespace lifeboat::qemu
