#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "builder/base/run.hpp"
#include "builder/distro/distro.hpp"
#include "builder/distro/kernel.hpp"

namespace lifeboat {

/// recipes/debian-12.toml made into a whole finished tree from Debian's real packages, overlays laid.
struct FinishedImage {
  Recipe recipe;
  std::shared_ptr<Spool> spool;
  std::vector<UnpackedPackage> packages;
  Tree tree;
  KernelFiles kernel;

  FinishInput input(const std::filesystem::path& scratch) const;
};

/// Made once for all tests of the program.
const FinishedImage& finished_image();

/// The image extracted by tar into a folder of its own that tests may change; removed at the end. Needs root, for the
/// owners and for chroot, which the builder itself never uses.
class ExtractedRoot {
 public:
  ExtractedRoot();
  ExtractedRoot(const ExtractedRoot&) = delete;
  ExtractedRoot& operator=(const ExtractedRoot&) = delete;
  ~ExtractedRoot();

  const std::filesystem::path& path() const noexcept { return path_; }
  /// A shell command inside, with a minimal /dev.
  Outcome sh(const std::string& command) const;
  /// The same with /proc mounted, in a mount namespace of its own.
  Outcome sh_with_proc(const std::string& command) const;

 private:
  std::filesystem::path path_;
};

/// One root that tests share: each leaves it as it was.
const ExtractedRoot& shared_root();

}  // namespace lifeboat
