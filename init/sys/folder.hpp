#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "init/sys/fd.hpp"

namespace lifeboat::init {

struct FolderEntry {
  std::string name;
  bool is_folder = false;  ///< itself; a link to a folder is none
};

/// What a folder holds, sorted by name, without "." and "..". Empty where it cannot be read.
std::vector<FolderEntry> list_folder(const std::string& path);

/// The names in an open folder, sorted; of one that has more than `most` only some.
std::vector<std::string> list_open_folder(Fd folder, std::size_t most);

}  // namespace lifeboat::init
