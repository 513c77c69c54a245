#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "builder/package/package.hpp"

namespace lifeboat {

/// Reads a Debian `Packages` file (already verified). Only packages of `architecture` and "all" are kept.
/// `origin` names the file in errors. Throws Error with the stanza's number and package for a missing field, a broken
/// dependency, a path that leads out, a stanza over 1 MiB.
std::vector<Package> parse_deb_index(std::string_view text, std::string_view architecture, std::string_view repository,
                                     std::string_view origin);

/// What a package's own control file says of it, beside what only its place in a lock or index tells (`known`: path,
/// size, SHA-256, repository). Throws Error.
Package parse_deb_control(std::string_view control, const Package& known);

/// One dependency field: "a (>= 1) | b, c:any". Throws Error.
std::vector<Clause> parse_deb_depends(std::string_view field);
/// One Provides, Conflicts or Breaks field: no alternatives.
std::vector<Alternative> parse_deb_relations(std::string_view field);

}  // namespace lifeboat
