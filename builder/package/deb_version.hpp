#pragma once
#include <compare>
#include <string_view>

namespace lifeboat {

/// Debian's order of versions (deb-version(7)): epoch, upstream, revision; `~` before everything, even the end.
std::strong_ordering compare_deb_versions(std::string_view a, std::string_view b) noexcept;

}  // namespace lifeboat
