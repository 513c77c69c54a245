#pragma once
#include <filesystem>

namespace lifeboat::qemu {

/// Prints how long a card has no address from its driver on: the image's, beside a guest of the same kernel that loads
/// the driver and runs busybox's udhcpc, on the same link with the same server. Works in `folder`; needs root.
void measure_network(const std::filesystem::path& folder, int rounds);

}  // namespace lifeboat::qemu
