#pragma once
#include <cstdlib>
#include <string_view>

namespace lifeboat {

/// LIFEBOAT_WHOLE_MATRIX=1 (`make test-all`): every case there is; else a core of them, so that `make test` ends in
/// time.
inline bool is_whole_matrix() {
  const char* whole = std::getenv("LIFEBOAT_WHOLE_MATRIX");
  return whole != nullptr && std::string_view(whole) == "1";
}

}  // namespace lifeboat
