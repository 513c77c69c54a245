#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// The original system's root as it is mounted now.
struct Original {
  std::string at;      ///< "/mnt"
  std::string device;  ///< "/dev/mapper/vg-root"; empty: somebody mounted it by hand
  bool write = false;  ///< it takes changes
  Fd root;
};

/// What `rescue mount` mounted, or with `at` (not empty) the folder where a person did by hand. A Failure: nothing is.
Result<Original> open_original(const std::string& at);

/// The same, and a Failure with the command to type where it takes no changes.
Result<Original> open_original_for_writing(const std::string& at);

/// "RESCUE-RESULT command=fix name=fstab status=ok" and a newline. A value that holds blanks, quotes or control
/// characters is quoted, with those as they are in C.
std::string result_line(const std::vector<std::pair<std::string_view, std::string>>& pairs);

}  // namespace lifeboat::init
