#pragma once
#include <iosfwd>

#include "builder/build/options.hpp"

namespace lifeboat {

/// `lifeboat lock`: writes the lock of a recipe, or renews one, and says on `out` what changed. Throws Error; the file
/// is replaced in one step or stays as it was.
void write_lock(const LockOptions& options, std::ostream& out);

}  // namespace lifeboat
