#include "builder/build/choose.hpp"

#include <algorithm>
#include <ctime>
#include <iterator>
#include <optional>

#include "builder/base/digest.hpp"
#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/text.hpp"
#include "builder/build/boot_loaders.hpp"
#include "builder/package/deb_index.hpp"
#include "builder/package/deb_version.hpp"
#include "builder/package/resolve.hpp"
#include "builder/package/without.hpp"

namespace lifeboat {
namespace {

constexpr std::string_view lock_step = "lock";
constexpr std::string_view lock_file = "lock.toml";

/// A repository with the Release that it has now.
struct Released {
  DebRepository repository;
  SignedDebRelease found;
};

DebRepository as_deb_repository(const Lock::Repository& repository, const std::string& architecture) {
  return {.name = repository.where.name,
          .mirror = repository.where.mirror,
          .suite = repository.where.suite,
          .components = repository.where.components,
          .architecture = architecture,
          .keyring = repository.where.keyring,
          .fingerprints = repository.where.fingerprints,
          .not_before = repository.date_unix};
}

std::vector<Released> fetch_releases(const std::vector<Lock::Repository>& repositories, const std::string& architecture,
                                     const FetchTools& tools) {
  std::vector<Released> released;
  for (const Lock::Repository& repository : repositories) {
    DebRepository deb = as_deb_repository(repository, architecture);
    SignedDebRelease found =
        fetch_deb_release(deb, tools.mirrors, tools.cache, tools.downloader, tools.offline, ::time(nullptr));
    released.push_back({std::move(deb), std::move(found)});
  }
  return released;
}

/// The repositories as a lock names them, with the dates that they have now.
std::vector<Lock::Repository> dated(std::vector<Lock::Repository> repositories, const std::vector<Released>& released) {
  for (std::size_t i = 0; i < repositories.size(); ++i) {
    repositories[i].date = released[i].found.release.date;
    repositories[i].date_unix = released[i].found.release.date_unix;
  }
  return repositories;
}

std::vector<Package> read_indexes(const std::vector<Released>& released, const std::vector<std::string>& without,
                                  const FetchTools& tools) {
  std::vector<Package> all;
  for (const Released& each : released)
    for (const DebIndex& index :
         fetch_deb_indexes(each.repository, each.found, tools.mirrors, tools.cache, tools.downloader, tools.offline)) {
      std::vector<Package> packages =
          parse_deb_index(index.text, each.repository.architecture, each.repository.name, index.origin);
      for (Package& package : packages) drop_dependencies(package, without);
      std::move(packages.begin(), packages.end(), std::back_inserter(all));
    }
  return all;
}

std::string names_of(const std::vector<Released>& released) {
  std::string names;
  for (const Released& each : released) names += (names.empty() ? "" : ", ") + each.repository.name;
  return names;
}

Universe read_universe_of(const std::vector<Lock::Repository>& repositories, const std::vector<Released>& released,
                          const std::vector<std::string>& without, const FetchTools& tools) {
  return {.packages = read_indexes(released, without, tools), .repositories = dated(repositories, released)};
}

/// Only what a lock keeps, so that a lock that was just made and one that was read are the same.
Package locked(const Package& package) {
  return {.name = package.name,
          .version = package.version,
          .architecture = package.architecture,
          .source = package.source,
          .source_version = package.source_version,
          .repository = package.repository,
          .path = package.path,
          .size = package.size,
          .sha256 = package.sha256,
          .installed_size = package.installed_size};
}

/// The newest there is, or the one that goes into the root as well.
Package boot_package(const std::string& name, const Lock& lock, const Universe& universe) {
  for (const Package& package : lock.packages)
    if (package.name == name) return package;
  const Package* newest = nullptr;
  for (const Package& package : universe.packages) {
    const bool fits =
        package.name == name && (package.architecture == lock.architecture || package.architecture == "all");
    if (fits && (newest == nullptr || std::is_gt(compare_deb_versions(package.version, newest->version))))
      newest = &package;
  }
  if (newest == nullptr)
    throw Error("no repository has " + name + ", which a medium takes its boot loader from",
                "take the medium out of `media`, or add the repository that has it");
  return locked(*newest);
}

/// The same request over the same indexes by the same program chooses the same packages.
Sha256 choice_key(const Lock& request, const std::vector<Released>& released) {
  Sha256Stream stream;
  Lock dates = request;
  dates.repositories = dated(request.repositories, released);
  stream.update(builder_identity() + to_text(dates));
  for (const Released& each : released)
    for (const DebRelease::File& file : deb_index_files(each.repository, each.found.release))
      stream.update(file.sha256 + "\n");
  return stream.finish();
}

/// What was chosen before; nothing where it cannot be read any more, and then it is chosen again.
std::optional<Lock> find_choice(const StepStore& store, const Sha256& key) {
  const auto made = store.find(lock_step, key);
  if (!made) return std::nullopt;
  try {
    return read_lock(*made / lock_file);
  } catch (const Interrupted&) {
    throw;
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string summary(const Lock& lock) {
  const std::vector<Package> all = lock.all_packages();
  return std::to_string(all.size()) + " packages, " + format_size(total_size(all));
}

}  // namespace

Universe read_universe(const std::vector<Lock::Repository>& repositories, const std::string& architecture,
                       const std::vector<std::string>& without, const FetchTools& tools, Progress& progress) {
  Progress::Step step(progress, "repositories");
  const std::vector<Released> released = fetch_releases(repositories, architecture, tools);
  Universe universe = read_universe_of(repositories, released, without, tools);
  step.done(names_of(released) + ": " + std::to_string(universe.packages.size()) + " packages");
  return universe;
}

Lock resolve_lock(const Lock& request, const Universe& universe, const std::filesystem::path& recipe) {
  Lock lock = request;
  lock.repositories = universe.repositories;
  lock.packages.clear();
  lock.boot_packages.clear();
  with_context("choosing the packages of " + recipe.string(), [&] {
    for (const std::size_t index :
         resolve(universe.packages,
                 {.architecture = request.architecture, .install = request.install, .provided = request.provided}))
      lock.packages.push_back(locked(universe.packages[index]));
    for (const std::string& name : request.boot) lock.boot_packages.push_back(boot_package(name, lock, universe));
  });
  return lock;
}

Lock choose_packages(const Recipe& recipe, const FetchTools& tools, const StepStore& store, Progress& progress) {
  const Lock request = lock_request(recipe, boot_package_names(recipe));
  Progress::Step repositories(progress, "repositories");
  const std::vector<Released> released = fetch_releases(request.repositories, request.architecture, tools);
  const Sha256 key = choice_key(request, released);
  if (const std::optional<Lock> before = find_choice(store, key)) {
    repositories.skipped(names_of(released) + ": as before, " + summary(*before));
    return *before;
  }
  const Universe universe = read_universe_of(request.repositories, released, request.without, tools);
  repositories.done(names_of(released) + ": " + std::to_string(universe.packages.size()) + " packages");

  Progress::Step choice(progress, "resolve");
  const Lock lock = resolve_lock(request, universe, recipe.file);
  store.keep(lock_step, key,
             [&](const std::filesystem::path& folder) { replace_file(folder / lock_file, to_text(lock)); });
  choice.done(summary(lock));
  return lock;
}

}  // namespace lifeboat
