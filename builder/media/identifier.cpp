#include "builder/media/identifier.hpp"

namespace lifeboat {

std::string make_guid(const std::string& digits) {
  const auto part = [&](std::size_t at, std::size_t size) { return digits.substr(at, size); };
  return part(0, 8) + "-" + part(8, 4) + "-4" + part(13, 3) + "-a" + part(17, 3) + "-" + part(20, 12);
}

}  // namespace lifeboat
