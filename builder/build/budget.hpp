#pragma once
#include <cstdint>
#include <filesystem>

#include "builder/build/manifest.hpp"
#include "builder/build/root.hpp"
#include "builder/media/media.hpp"

namespace lifeboat {

/// MiB of memory with which a machine reaches a login.
struct MemoryNeeded {
  std::uint64_t from_medium = 0;     ///< where the root image stays on the medium
  std::uint64_t from_initramfs = 0;  ///< where it lies in memory

  /// For a medium of `size` bytes.
  std::uint64_t of(RootPlace root, std::uint64_t size) const;
};

/// Counted from what must lie in memory at once (docs/decisions/0009).
MemoryNeeded memory_needed(const RootImage& root, std::uint64_t init_size);

/// Throws Error when the image is over the recipe's [budget]: how much, what is largest in it, and what has grown since
/// the build whose manifest is in `last_output` (which may be absent).
void check_budget(const Recipe& recipe, const ManifestInput& input, const std::filesystem::path& last_output);

}  // namespace lifeboat
