#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "builder/package/package.hpp"
#include "builder/tree/archive.hpp"

namespace lifeboat {

/// An opened package: what dpkg would keep of its control part, and its files.
struct UnpackedPackage {
  Package package;
  std::map<std::string, std::string>
      control;  ///< "control", "conffiles", "md5sums", "triggers", "postinst" ... -> text
  std::vector<ArchiveMember> members;
};

/// Reads a .deb (ar with debian-binary, control.tar.*, data.tar.*) with libarchive; contents go to `spool`. Nothing of
/// it is executed. Throws Error naming the package for anything malformed, for what no package may hold
/// (deb_contents.hpp), and when its control file names another package, version or architecture than the index did.
UnpackedPackage read_deb(const std::filesystem::path& file, const Package& package, Spool& spool,
                         const ArchiveLimits& limits = {});

}  // namespace lifeboat
