#pragma once
#include <filesystem>
#include <string>

namespace lifeboat {

/// A file of one of Debian's packages, which apt-get fetches from the machine's mirrors into a folder below the build
/// folder, once.
std::filesystem::path fetch_real_file(const std::string& package, const std::filesystem::path& path);

}  // namespace lifeboat
