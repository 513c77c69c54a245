#pragma once
#include <filesystem>

#include "qemu-tests/harness/vm.hpp"

namespace lifeboat::qemu {

/// The images under test, as `lifeboat build` wrote them: Debian 12 with the cloud kernel (environment LIFEBOAT_IMAGE,
/// else images/debian-12-cloud-amd64 in the build folder) and with the generic one (LIFEBOAT_IMAGE_GENERIC, else
/// images/debian-12-amd64). A Failure says how to make a missing one.
std::filesystem::path cloud_image();
std::filesystem::path generic_image();

/// The one file of a medium (iso, raw, qcow2, uki) of the image.
std::filesystem::path medium_file(const std::filesystem::path& image, const std::string& medium);

/// Makes `disk`: a FAT file system from which UEFI firmware starts `program`, as from a stick.
void make_efi_disk(const std::filesystem::path& program, const std::filesystem::path& disk);

/// A machine that boots the image with the kernel arguments of its manifest.
VmOptions boots(const std::filesystem::path& image);

}  // namespace lifeboat::qemu
