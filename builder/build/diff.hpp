#pragma once
#include <iosfwd>

#include "builder/build/options.hpp"

namespace lifeboat {

/// `lifeboat diff`: what changed from one output folder, or lock, to another: packages, files, sizes, what grew most.
/// Throws Error for what is neither.
void print_difference(const DiffOptions& options, std::ostream& out);

}  // namespace lifeboat
