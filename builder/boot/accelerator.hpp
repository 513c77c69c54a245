#pragma once
#include <filesystem>
#include <string>

namespace lifeboat {

/// The value of QEMU's -accel: "kvm" where a guest with this kernel has really run (a /dev/kvm that opens proves
/// nothing: on some machines every guest hangs), else "tcg,thread=multi". LIFEBOAT_ACCEL=kvm|tcg decides instead.
/// `work` is a private folder.
std::string choose_accelerator(const std::filesystem::path& kernel, const std::filesystem::path& work);

}  // namespace lifeboat
