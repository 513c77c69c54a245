#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat::init {

/// Major and minor, comparable: {6, 1}.
struct Version {
  unsigned major_number = 0, minor_number = 0;
  auto operator<=>(const Version&) const = default;
};

/// What reads and repairs file systems here.
struct ImageVersions {
  Version kernel;
  // Of Debian 12, the only distribution that images are made of.
  Version e2fsprogs = {1, 47};
  Version xfsprogs = {6, 1};
  Version btrfs_progs = {6, 2};
};

/// With the running kernel's.
ImageVersions versions_here();

/// The feature bits of a superblock. Unknown `incompat` ones keep a kernel from mounting, `ro_compat` ones from
/// writing, and all of them a checker from touching it.
struct FeatureBits {
  std::uint64_t compat = 0, ro_compat = 0, incompat = 0;
};

/// What is newer than the image: a line each for what cannot be mounted, what cannot be written to, what cannot be
/// checked. `type` is libblkid's name: ext2, ext3, ext4, xfs or btrfs.
std::vector<std::string> feature_trouble(std::string_view type, const FeatureBits& bits, const ImageVersions& here);

}  // namespace lifeboat::init
