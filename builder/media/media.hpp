#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "builder/base/progress.hpp"
#include "builder/tree/tree.hpp"

namespace lifeboat {

/// What a medium is made of.
struct MediaInput {
  const Content& kernel;                  ///< vmlinuz
  const Tree& initramfs;                  ///< the small root that finds and mounts the real one
  const std::filesystem::path& squashfs;  ///< the real root
  std::int64_t time;                      ///< of every file made, seconds since 1970
  bool fast;                              ///< quick compression
  const std::filesystem::path& folder;    ///< where its files go
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
