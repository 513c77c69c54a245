#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "init/sys/secret.hpp"

namespace lifeboat::init {

/// What one source knows. Whatever it does not know stays empty.
struct Findings {
  Secret password;                ///< as the platform gave it; only its hash goes on
  std::vector<std::string> keys;  ///< lines for authorized_keys, not yet checked
  std::string hostname;
  std::vector<std::string> notes;  ///< what was found unusable and why: report lines
};

}  // namespace lifeboat::init
