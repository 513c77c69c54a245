#pragma once
#include <string>
#include <string_view>

#include "builder/package/package.hpp"

namespace lifeboat {

/// "lib (>= 2)", "python3:any", as Debian writes them.
std::string to_string(const Alternative& alternative);
/// "a (>= 1) | b".
std::string to_string(const Clause& clause);

/// Does `version` stand in the wanted relation? (`>= 2` of "2.1": yes)
bool version_fits(std::string_view version, const Alternative& wanted) noexcept;

/// Is a dependency on `wanted` met by this package, itself or by what it provides? An unversioned Provides meets no
/// versioned dependency; `name:any` is met only by packages that allow it; another architecture than
/// `architecture` by none.
bool meets(const Package& package, const Alternative& wanted, std::string_view architecture) noexcept;

/// Does a Conflicts or Breaks on `refused` hit this package, itself or by what it provides?
bool is_hit_by(const Package& package, const Alternative& refused, std::string_view architecture) noexcept;

/// False for a relation that speaks of another architecture ("libc6:i386").
bool speaks_of(const Alternative& relation, std::string_view architecture) noexcept;

}  // namespace lifeboat
