#pragma once
#include <filesystem>
#include <string>

namespace lifeboat::qemu {

/// A disk image by name, made without root on first use and kept in the build folder (qemu-disks/). Attach a copy.
///   ext4-debian-11   GPT, one ext4 partition with os-release and fstab of a Debian 11
std::filesystem::path disk(const std::string& name);

/// 64 hexadecimal digits.
std::string sha256_of_file(const std::filesystem::path& file);

}  // namespace lifeboat::qemu
