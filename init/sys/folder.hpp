#pragma once
#include <string>
#include <vector>

namespace lifeboat::init {

struct FolderEntry {
  std::string name;
  bool is_folder = false;  ///< itself; a link to a folder is none
};

/// What a folder holds, sorted by name, without "." and "..". Empty where it cannot be read.
std::vector<FolderEntry> list_folder(const std::string& path);

}  // namespace lifeboat::init
