#pragma once
#include <cstdint>
#include <filesystem>

#include "builder/base/progress.hpp"
#include "builder/recipe/recipe.hpp"
#include "builder/tree/tree.hpp"

namespace lifeboat {

/// Writes the tree as a squashfs with tar2sqfs, fed by our PAX tar on a pipe; the same bytes for any number of jobs.
/// Then unsquashfs reads it back, and every path, type, mode, owner, size, time, link target, hard link, device and
/// byte of content is compared with the tree. Throws Error naming the first entry that differs.
void write_squashfs(const Tree& tree, const Recipe::Squashfs& settings, std::int64_t time,
                    const std::filesystem::path& file, Progress::Step& step);

}  // namespace lifeboat
