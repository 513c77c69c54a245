#include "builder/build/outdated.hpp"

#include <algorithm>
#include <map>
#include <ostream>

#include "builder/base/text.hpp"
#include "builder/build/inputs.hpp"
#include "builder/package/deb_version.hpp"

namespace lifeboat {
namespace {

constexpr int something_newer = 10;

bool is_security(const Lock& lock, const Package& package) {
  const std::string& suite = lock.repository_of(package).where.suite;
  return suite.ends_with("-security") || suite.ends_with("/updates");
}

bool is_newer(const std::string& version, const std::string& than) {
  return std::is_gt(compare_deb_versions(version, than));
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

void print_table(std::ostream& out, const std::vector<OutdatedPackage>& outdated) {
  std::size_t name = 7, locked = 6, newest = 6;
  for (const OutdatedPackage& package : outdated) {
    name = std::max(name, package.name.size());
    locked = std::max(locked, package.locked.size());
    newest = std::max(newest, package.newest.size());
  }
  out << padded("PACKAGE", name) << "  " << padded("LOCKED", locked) << "  " << padded("NEWEST", newest)
      << "  REPOSITORY\n";
  for (const OutdatedPackage& package : outdated)
    out << padded(package.name, name) << "  " << padded(package.locked, locked) << "  "
        << padded(package.newest, newest) << "  " << package.repository << (package.security ? "  security" : "")
        << "\n";
}

}  // namespace

std::vector<OutdatedPackage> find_outdated(const Lock& lock, const Universe& universe) {
  std::map<std::string, OutdatedPackage> outdated;
  const std::vector<Package> all = lock.all_packages();
  std::map<std::string, const Package*> locked;
  for (const Package& package : all) locked[package.name] = &package;
  for (const Package& package : universe.packages) {
    const auto known = locked.find(package.name);
    if (known == locked.end() || !is_newer(package.version, known->second->version)) continue;
    OutdatedPackage& entry = outdated[package.name];
    if (entry.name.empty() || is_newer(package.version, entry.newest)) {
      entry.name = package.name;
      entry.locked = known->second->version;
      entry.newest = package.version;
      entry.repository = package.repository;
    }
    entry.security = entry.security || is_security(lock, package);
  }
  std::vector<OutdatedPackage> sorted;
  for (auto& [name, entry] : outdated) sorted.push_back(std::move(entry));
  return sorted;
}

int list_outdated(const OutdatedOptions& options, std::ostream& out) {
  const Lock lock = read_lock(options.lock);
  std::vector<Recipe::Repository> repositories;
  for (const Lock::Repository& repository : lock.repositories) repositories.push_back(repository.where);
  FetchSetup fetch(options, repositories);
  Progress progress({.quiet = options.quiet});
  const Universe universe = read_universe(lock.repositories, lock.architecture, lock.without, fetch.tools(), progress);
  const std::vector<OutdatedPackage> outdated = find_outdated(lock, universe);
  if (outdated.empty()) {
    out << "all " << lock.all_packages().size() << " packages of " << options.lock.string()
        << " are the newest there are\n";
    return 0;
  }
  print_table(out, outdated);
  const auto security = std::count_if(outdated.begin(), outdated.end(), [](const auto& p) { return p.security; });
  out << outdated.size() << " of " << lock.all_packages().size() << " packages are out of date, " << security
      << " of them with a security update\n";
  return something_newer;
}

}  // namespace lifeboat
