#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "builder/base/progress.hpp"
#include "builder/build/inputs.hpp"
#include "builder/build/lock.hpp"
#include "builder/build/steps.hpp"
#include "builder/media/verity.hpp"

namespace lifeboat {

/// What every medium is made from, made once: everything but the init. Files in a folder of the step store.
struct RootImage {
  std::filesystem::path file;     ///< the root image: a squashfs with dm-verity's hashes behind it
  std::filesystem::path kernel;   ///< vmlinuz
  std::filesystem::path drivers;  ///< the archive of the initramfs that holds busybox and modules
  std::string kernel_release;
  std::uint64_t size = 0;  ///< bytes of the root image
  Sha256 sha256;           ///< of the root image
  Verity verity;
  std::uint64_t drivers_unpacked = 0;  ///< bytes of the drivers' archive when unpacked
  /// Package -> bytes of its files in the root, before compression. "": files that no package brought.
  std::map<std::string, std::uint64_t> package_bytes;
  std::vector<std::string> warnings;
};

/// What a root is made from.
struct RootInput {
  const Recipe& recipe;
  const Lock& lock;
  const std::filesystem::path& overlays;
  const std::string& overlays_digest;
  bool fast;
};

/// Everything that decides the bytes of the root.
Sha256 root_key(const RootInput& input);

/// The root that an earlier build made of the same inputs, its bytes checked again; nothing where there is none.
std::optional<RootImage> find_root(const StepStore& store, const Sha256& key);

/// Packages in the cache -> tree -> squashfs and drivers' archive, side by side. `scratch` is a folder for the spool.
RootImage make_root(const RootInput& input, const Cache& cache, const StepStore& store,
                    const std::filesystem::path& scratch, Progress& progress);

}  // namespace lifeboat
