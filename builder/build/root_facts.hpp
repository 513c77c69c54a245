#pragma once
#include <filesystem>
#include <optional>

#include "builder/build/root.hpp"

namespace lifeboat {

/// What is known of a root that was made, as the file root.json in its folder, with the SHA-256 of the others.
void write_root_facts(const std::filesystem::path& folder, const RootImage& root);

/// The root of that folder; nothing where a file is missing or any byte is not as it was made.
std::optional<RootImage> read_root(const std::filesystem::path& folder);

/// The paths of its files in `folder`, nothing else filled in.
RootImage root_files(const std::filesystem::path& folder);

}  // namespace lifeboat
