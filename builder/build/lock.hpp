#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "builder/package/package.hpp"
#include "builder/recipe/recipe.hpp"

namespace lifeboat {

/// The exact packages of an image, and what they were chosen for. Names mirrors, never hosts.
struct Lock {
  struct Repository {
    Recipe::Repository where;    ///< as the recipe had it: mirror, suite, components, keyring, fingerprints
    std::string date;            ///< of its Release, as signed: "Sat, 06 Sep 2025 09:57:01 UTC"
    std::int64_t date_unix = 0;  ///< the same as Unix time
  };
  std::string name;                   ///< of the recipe
  std::string architecture;           ///< "amd64"
  std::vector<std::string> install;   ///< what was asked for, the kernel's package among it; sorted
  std::vector<std::string> provided;  ///< what the image stands in for; sorted
  std::vector<std::string> without;   ///< "PACKAGE/DEPENDENCY" that the image does without; sorted
  std::vector<std::string> boot;      ///< packages that only boot loaders are taken from; sorted
  std::vector<Repository> repositories;
  /// Sorted by name. Only name, version, architecture, source, source_version, repository, path, size, sha256 and
  /// installed_size are kept: what was needed to choose them is not.
  std::vector<Package> packages;
  std::vector<Package> boot_packages;  ///< those of `boot`, alone: what they depend on is not needed; sorted

  /// Everything that a build fetches: packages and boot_packages, a package that is both once; sorted by name.
  std::vector<Package> all_packages() const;
  /// Unix time of the youngest Release: the image's one time stamp.
  std::int64_t time() const;
  /// Throws Error for a package whose repository the lock does not have.
  const Repository& repository_of(const Package& package) const;
};

/// What a recipe wants chosen, without packages and dates yet. `boot`: packages that its media take boot loaders from
/// (boot_loaders.hpp).
Lock lock_request(const Recipe& recipe, const std::vector<std::string>& boot);

/// The lock as TOML, sorted: the same lock gives the same text.
std::string to_text(const Lock& lock);

/// Reads what to_text wrote, or what a person made of it. `name` is for errors. Throws Error with every fault of the
/// text at its place.
Lock parse_lock(std::string_view text, const std::string& name);
Lock read_lock(const std::filesystem::path& file);

/// Throws Error naming what differs when `lock` was not made for `wanted`, which is lock_request of the recipe: another
/// architecture, other packages asked for or provided, other repositories. `file` is for errors and the hint.
void check_lock_is_for(const Recipe& recipe, const Lock& wanted, const Lock& lock, const std::filesystem::path& file);

}  // namespace lifeboat
