#pragma once
#include <filesystem>
#include <string>

namespace lifeboat {

/// Where two files of an output first differ, in words; "" when every byte is the same. An initrd is opened, and the
/// squashfs inside of it, by readers that did not write them: "initrd.img: lifeboat.squashfs: usr/bin/perl: its content
/// differs". `scratch` is a folder for what must be taken out.
std::string first_difference(const std::filesystem::path& before, const std::filesystem::path& after,
                             const std::filesystem::path& scratch);

}  // namespace lifeboat
