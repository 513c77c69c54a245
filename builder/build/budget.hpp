#pragma once
#include <cstdint>
#include <filesystem>

#include "builder/build/manifest.hpp"
#include "builder/build/root.hpp"

namespace lifeboat {

/// Bytes of memory that a machine needs to reach a login with this root, counted from what must lie in memory at once.
std::uint64_t memory_needed(const RootImage& root, std::uint64_t init_size);

/// Throws Error when the image is over the recipe's [budget]: how much, what is largest in it, and what has grown since
/// the build whose manifest is in `last_output` (which may be absent).
void check_budget(const Recipe& recipe, const ManifestInput& input, const std::filesystem::path& last_output);

}  // namespace lifeboat
