#pragma once
#include <filesystem>
#include <string>

namespace lifeboat {

/// The value of QEMU's -accel: "kvm" where a guest has really run through its firmware to a boot sector (a /dev/kvm
/// that opens proves nothing: on some machines every guest hangs in the firmware), else "tcg,thread=multi".
/// LIFEBOAT_ACCEL=kvm|tcg decides instead. `work` is a private folder.
std::string choose_accelerator(const std::filesystem::path& work);

}  // namespace lifeboat
