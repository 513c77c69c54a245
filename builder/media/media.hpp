#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "builder/base/progress.hpp"

namespace lifeboat {

/// What a medium is made of: files on the host, all made already.
struct MediaInput {
  const std::filesystem::path& kernel;                  ///< vmlinuz
  const std::filesystem::path& squashfs;                ///< the real root
  const std::vector<std::filesystem::path>& initramfs;  ///< archives (initramfs.hpp) that find and mount it
  std::int64_t time;                                    ///< of every file made, seconds since 1970
  const std::filesystem::path& folder;                  ///< where the medium's files go
};

/// One output form; a row of the table.
struct Medium {
  std::string_view name;  ///< as recipes say it: "netboot"
  /// Writes the medium's files into input.folder and returns their names.
  std::vector<std::string> (*write)(const MediaInput& input, Progress::Step& step);
};

/// The explicit table of all media.
std::span<const Medium> media();
/// Throws Error with "did you mean".
const Medium& find_medium(std::string_view name);

/// netboot: `vmlinuz` and `initrd.img` with the root inside, for direct kernel boot and network boot.
std::vector<std::string> write_netboot(const MediaInput& input, Progress::Step& step);

}  // namespace lifeboat
