#pragma once
#include <span>
#include <string>
#include <string_view>

#include "builder/package/package.hpp"

namespace lifeboat {

// What an image leaves out of a package's dependencies, because it does without the part that needs it:
// "xfsprogs/python3" is the dependency of xfsprogs on python3. Only a clause that names nothing else goes.

/// Takes them out of a package as an index describes it.
void drop_dependencies(Package& package, std::span<const std::string> without);

/// Takes them out of a package's own control file, so that its package manager in the image sees what is true there.
std::string drop_dependencies(std::string_view control, std::string_view package, std::span<const std::string> without);

}  // namespace lifeboat
