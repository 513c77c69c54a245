#pragma once
#include <iosfwd>

#include "builder/build/options.hpp"

namespace lifeboat {

/// `lifeboat patch`: writes extra kernel arguments into a built image, or says which there are. Throws Error.
void patch_image(const PatchOptions& options, std::ostream& out);

}  // namespace lifeboat
