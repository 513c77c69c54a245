#pragma once
#include <filesystem>
#include <string>

namespace lifeboat::qemu {

/// Writes FOLDER/vmlinuz (the cloud image's kernel), initrd.img and manifest.json: an image whose init goes wrong in
/// the way that stand_in_init.cpp lists under `mode`. "panic": there is no init at all.
void make_stand_in_image(const std::filesystem::path& folder, const std::string& mode);

}  // namespace lifeboat::qemu
