#pragma once
#include <string_view>

namespace lifeboat {

/// A package name as dpkg takes it: letters, digits and -+._, a letter or digit first.
bool is_deb_name(std::string_view text) noexcept;

/// A version as dpkg takes it: [digits:]upstream[-revision] of letters, digits and .+-~:, no part empty.
bool is_deb_version(std::string_view text) noexcept;

/// A file below the mirror's root: printable ASCII without blanks, relative, no component empty, "." or "..".
bool is_deb_path(std::string_view text) noexcept;

}  // namespace lifeboat
