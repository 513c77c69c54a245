#include "init/disk/features.hpp"

#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

using Lines = std::vector<std::string>;

/// Debian 12's image.
constexpr ImageVersions debian_12 = {{6, 1}};

TEST_CASE("features that this image knows need no care") {
  CHECK(feature_trouble("ext4", {0x103c, 0x46b, 0x22c2}, debian_12).empty());  // Debian 12's mkfs.ext4
  CHECK(feature_trouble("ext4", {0x3c, 0x47b, 0x3e7de}, debian_12).empty());
  CHECK(feature_trouble("xfs", {0, 0xf, 0x3f}, debian_12).empty());
  CHECK(feature_trouble("btrfs", {0, 0xf, 0x1fff}, debian_12).empty());
}

TEST_CASE("features that are newer than this image are told with what they need") {
  CHECK(
      feature_trouble("xfs", {0, 0xf, 0xeb}, debian_12) ==
      Lines{"its XFS features exchange, parent need Linux 6.10: this kernel (6.1) cannot mount it; take a newer rescue "
            "image",
            "its XFS features exchange, parent need xfsprogs 6.10: xfsprogs 6.1 here can neither check nor repair it"});
  CHECK(feature_trouble("btrfs", {0, 0x3, 0x10341}, debian_12) ==
        Lines{"its btrfs feature simple_quota needs Linux 6.7: this kernel (6.1) cannot mount it; take a newer rescue "
              "image",
              "its btrfs feature simple_quota needs btrfs-progs 6.7: btrfs-progs 6.2 here can neither check nor repair "
              "it"});
}

TEST_CASE("an older image tells of orphan_file, and that a kernel may still read") {
  ImageVersions debian_11;
  debian_11.kernel = {5, 10};
  debian_11.e2fsprogs = {1, 46};
  CHECK(
      feature_trouble("ext4", {0x103c, 0x46b, 0x2c2}, debian_11) ==
      Lines{"its ext4 feature orphan_file needs e2fsprogs 1.47: e2fsprogs 1.46 here can neither check nor repair it"});
  CHECK(feature_trouble("ext4", {0x3c, 0x1046b, 0x2c2}, debian_11) ==
        Lines{"its ext4 feature orphan_present needs Linux 5.15: this kernel (5.10) can mount it read-only alone",
              "its ext4 feature orphan_present needs e2fsprogs 1.47: e2fsprogs 1.46 here can neither check nor repair "
              "it"});
}

TEST_CASE("a feature that nobody knew when this was written is told by its bit") {
  CHECK(feature_trouble("ext4", {0, 0, 0x80000}, debian_12) ==
        Lines{"its ext4 feature incompat:0x80000 is not known: this kernel (6.1) cannot mount it; take a newer rescue "
              "image",
              "its ext4 feature incompat:0x80000 is not known: e2fsprogs 1.47 here can neither check nor repair it"});
  CHECK(feature_trouble("ext4", {0x8000, 0, 0}, debian_12) ==
        Lines{"its ext4 feature compat:0x8000 is not known: e2fsprogs 1.47 here can neither check nor repair it"});
}

TEST_CASE("the running kernel's version is read") { CHECK(versions_here().kernel >= Version{4, 0}); }

}  // namespace
}  // namespace lifeboat::init
