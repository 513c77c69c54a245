#pragma once
#include <filesystem>

#include "builder/media/media.hpp"

namespace lifeboat {

/// Writes the small ext4 file system in which a cloud may leave root's password and keys (init/contract/injection.hpp):
/// a Linux root without a system, so that libguestfs finds it. Every id and date in it derives from input.build_id and
/// input.time.
void write_injection_partition(const MediaInput& input, const std::filesystem::path& scratch,
                               const std::filesystem::path& file);

}  // namespace lifeboat
