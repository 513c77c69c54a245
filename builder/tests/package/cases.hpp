#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "builder/package/package.hpp"
#include "builder/package/resolve.hpp"

namespace lifeboat {

/// A block of "key: value" lines from a data file; a line that starts with | carries on the value before it.
using Case = std::map<std::string, std::string>;

/// The text of builder/tests/data/package/NAME.
std::string read_data(const std::string& name);
/// Its lines, without empty ones and comments.
std::vector<std::string> read_data_lines(const std::string& name);
/// Its blocks.
std::vector<Case> read_cases(const std::string& name);

/// builder/tests/data/package/NAME.txt as a Packages file: what every stanza must have and none of them is about
/// (Architecture, Priority, Filename, Size, SHA256) is filled in.
std::string universe_text(const std::string& name);
std::vector<Package> read_universe(const std::string& name);

/// The request of a case: install, provided, essential.
ResolveRequest request_of(const Case& from);

/// "name=version" of every chosen package.
std::vector<std::string> labels(std::span<const Package> universe, std::span<const std::size_t> chosen);

}  // namespace lifeboat
