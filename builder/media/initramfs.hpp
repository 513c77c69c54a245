#pragma once
#include <cstdint>
#include <filesystem>

#include "builder/tree/tree.hpp"

namespace lifeboat {

/// Writes the tree as a zstd-compressed cpio: one of the archives that an initrd is made of. The kernel takes several
/// one after the other, later files over earlier ones. Padded to 4 bytes, as the next one needs it.
void write_initramfs_archive(const Tree& tree, std::int64_t time, bool fast, const std::filesystem::path& file);

}  // namespace lifeboat
