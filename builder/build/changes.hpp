#pragma once
#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "builder/build/lock.hpp"
#include "builder/build/manifest.hpp"

namespace lifeboat {

/// Packages by name, with what each costs: in the root where the build is known, else as the index says.
struct Inventory {
  struct Item {
    std::string version;
    std::string identity;     ///< what tells two builds of one version apart; "" where it is not known
    std::uint64_t bytes = 0;  ///< when unpacked
  };
  std::map<std::string, Item> packages;
};

Inventory inventory_of(const Lock& lock);
Inventory inventory_of(const Manifest& manifest);

/// One package that is not the same in both.
struct Change {
  std::string name;
  std::string before, after;  ///< versions; "" where it is not there
  std::int64_t bytes = 0;     ///< by which it grew
};

/// Sorted by name; packages that only take more or less room are among them.
std::vector<Change> changes_of(const Inventory& before, const Inventory& after);

/// The `most` that grew most, largest first; nothing that shrank.
std::vector<Change> growth_of(std::vector<Change> changes, std::size_t most);

/// A line each, "+" added, "-" removed, "~" changed, and a line that counts them.
void print_changes(std::ostream& out, const std::vector<Change>& changes);

/// "  ~ openssl 3.0.15-1 -> 3.0.17-1, +12.0 KiB"
std::string line_of(const Change& change);

/// "+12.0 KiB", "-3 B"
std::string signed_size(std::int64_t bytes);

}  // namespace lifeboat
