#pragma once
#include <filesystem>

#include "qemu-tests/harness/vm.hpp"

namespace lifeboat::qemu {

/// The images under test, as `lifeboat build` wrote them: Debian 12 with the cloud kernel (environment LIFEBOAT_IMAGE,
/// else images/debian-12-cloud-amd64 in the build folder) and with the generic one (LIFEBOAT_IMAGE_GENERIC, else
/// images/debian-12-amd64). A Failure says how to make a missing one.
std::filesystem::path cloud_image();
std::filesystem::path generic_image();

/// A machine that boots the image with the kernel arguments of its manifest.
VmOptions boots(const std::filesystem::path& image);

}  // namespace lifeboat::qemu
