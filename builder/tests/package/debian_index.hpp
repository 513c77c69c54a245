#pragma once
#include <string>
#include <vector>

namespace lifeboat {

/// The `Packages` texts of Debian 12's main (amd64) as the build host's own apt has them: bookworm, bookworm-updates,
/// bookworm-security, in this order. Where the host keeps no lists, apt fetches them into a private folder from the
/// host's sources. Throws Error when the host's sources have no Debian 12.
std::vector<std::string> read_debian_12_indexes();

}  // namespace lifeboat
