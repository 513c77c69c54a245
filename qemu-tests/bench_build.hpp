#pragma once
#include <filesystem>

namespace lifeboat::qemu {

/// Prints what building debian-12 costs: time beside other tools, memory, what a change costs, sizes. Works in
/// `folder`, with a cache of its own that starts empty.
void measure_builds(const std::filesystem::path& folder);

}  // namespace lifeboat::qemu
