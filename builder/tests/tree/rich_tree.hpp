#pragma once
#include <cstdint>

#include "builder/tree/tree.hpp"

namespace lifeboat {

/// For writers: nothing in an image is newer than this.
constexpr std::int64_t latest = 1700000000;

/// A tree with one of everything, and everything that has no room in a plain header.
Tree rich_tree(Spool& spool);

}  // namespace lifeboat
