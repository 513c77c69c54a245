#pragma once
// What a build is compared with: the compressor alone, and the usual way to make an image of the same packages.
#include <filesystem>

#include "qemu-tests/bench_figures.hpp"

namespace lifeboat::qemu {

/// Writes the image's squashfs, which lies in its initrd as it is, to `file`.
void take_root(const std::filesystem::path& image, const std::filesystem::path& file);

/// The root of a built image, laid out for other tools to pack it again with the same settings.
class PackedAgain {
 public:
  /// Takes the squashfs out of the image's initrd and makes a tar of it, in `folder`.
  PackedAgain(const std::filesystem::path& image, const std::filesystem::path& folder);

  /// tar2sqfs alone, which reads the tar from a file: no build that ends in this compressor can be quicker.
  Cost with_tar2sqfs() const;

 private:
  std::filesystem::path folder_;
};

/// The packages of a built image, installed by Debian's own tools from the files of the build's cache.
class InstalledByApt {
 public:
  /// Copies the cache's files into a repository of its own in `folder`.
  InstalledByApt(const std::filesystem::path& image, const std::filesystem::path& cache,
                 const std::filesystem::path& folder);

  /// mmdebstrap with exactly those packages. Needs root, as its other modes leave files that only they can remove.
  Cost with_mmdebstrap() const;
  /// Then mksquashfs with the settings of the image's own root.
  Cost with_mksquashfs(const std::filesystem::path& image) const;

 private:
  std::filesystem::path folder_;
  std::string packages_;  ///< "adduser,apt,..."
};

}  // namespace lifeboat::qemu
