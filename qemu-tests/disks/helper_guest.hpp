#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace lifeboat::qemu {

/// A set that the helper guest makes: `files` disks of `mebibytes` each.
struct HelperSet {
  std::string name;
  int files = 1;
  unsigned mebibytes = 128;
};

const std::vector<HelperSet>& helper_sets();

/// FOLDER/NAME-NUMBER.img
std::vector<std::filesystem::path> files_of(const HelperSet& set, const std::filesystem::path& folder);

/// Makes the files of all sets in `folder`, in one boot of our own image.
void make_helper_sets(const std::filesystem::path& folder, const std::string& script);

}  // namespace lifeboat::qemu
