#pragma once
#include <filesystem>
#include <string>

namespace lifeboat::qemu {

/// Makes a disk's copy tell from the disk by what a person put there, and by no id: the first letter of `text`, which
/// a file on it has, becomes a capital wherever it stands. A small btrfs in the partition at 1 MiB has its checksums
/// renewed. Throws Failure where the text is nowhere.
void make_other(const std::filesystem::path& image, const std::string& text);
/// The text as the other copy has it.
std::string capital(std::string text);

}  // namespace lifeboat::qemu
