#pragma once
#include <filesystem>

namespace lifeboat::qemu {

/// Each makes its disk as the file `image`; `work` is an empty folder that goes afterwards.
void make_ext4_debian_11(const std::filesystem::path& image, const std::filesystem::path& work);
void make_debian_12_broken(const std::filesystem::path& image, const std::filesystem::path& work);
void make_empty(const std::filesystem::path& image, const std::filesystem::path& work);
/// Without a partition table.
void make_small_ext4(const std::filesystem::path& image, const std::filesystem::path& work);

}  // namespace lifeboat::qemu
