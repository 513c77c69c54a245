#pragma once
#include <span>
#include <string>
#include <vector>

#include "builder/package/deb_reader.hpp"

namespace lifeboat {

/// The packages whose postinst holds code of its own (not only what debhelper generates for services, which a rescue
/// system does not start) that nobody has read yet for finish_debian. Sorted. Such a package may lack a user, a link or
/// a file in the image; after a look at the script, it gets a row in the table it needs, or in the list of harmless
/// ones.
std::vector<std::string> packages_with_unknown_scripts(std::span<const UnpackedPackage> packages);

}  // namespace lifeboat
