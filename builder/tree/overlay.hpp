#pragma once
#include <cstdint>
#include <filesystem>

#include "builder/tree/spool.hpp"
#include "builder/tree/tree.hpp"

namespace lifeboat {

/// Lays the files below `folder` (on the host) over the tree: owner root:root, time `mtime`, files 0755 where git would
/// say executable, else 0644; symbolic links as they are. A new folder gets 0755; one that is there already keeps its
/// mode
/// (/root stays 0700, /tmp stays 1777). An absent folder lays nothing. Throws Error for a socket, device or fifo.
/// The host's modes, owners and times do not matter, so the same checkout gives the same bytes.
void lay_over(Tree& tree, const std::filesystem::path& folder, Spool& spool, std::int64_t mtime);

}  // namespace lifeboat
