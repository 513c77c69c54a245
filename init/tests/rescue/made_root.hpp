#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "builder/base/file.hpp"
#include "init/rescue/original.hpp"

namespace lifeboat::init::test {

/// A made-up root of an original system in a temporary folder.
class MadeRoot {
 public:
  MadeRoot();
  /// With the folders above it.
  const MadeRoot& add(const std::string& path, std::string_view content, unsigned mode = 0644) const;
  void link(const std::string& path, const std::string& target) const;
  std::string read(const std::string& path) const;
  bool has(const std::string& path) const { return std::filesystem::exists(root / path); }
  Original open() const;
  /// The names in a folder, in order, with a blank between.
  std::string names(const std::string& folder) const;

 private:
  TempDir folder_;

 public:
  std::filesystem::path root;     ///< what is mounted
  std::filesystem::path outside;  ///< a folder beside it, which nothing may touch
};

/// Whether this test run may make namespaces and mounts; says so where it may not.
bool can_chroot();
/// A static busybox at bin/busybox, as sh and a few more, with the folders that a root has. False: this machine has
/// none (it is said).
bool add_busybox(const MadeRoot& made);

/// crypt(3) with this setting.
std::string crypted(const std::string& password, const std::string& setting);

}  // namespace lifeboat::init::test
