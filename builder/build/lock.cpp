#include "builder/build/lock.hpp"

#include <algorithm>
#include <iterator>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

/// "bookworm: mirror debian, suite bookworm, components main, signed by ...": all that decides what packages there are.
std::vector<std::string> descriptions_of(const std::vector<Lock::Repository>& repositories) {
  std::vector<std::string> lines;
  for (const auto& [where, date, unix] : repositories)
    lines.push_back(where.name + " (mirror " + where.mirror + ", suite " + where.suite + ", components " +
                    join(where.components, " ") + ")");
  return lines;
}

/// "NAME added: a, b" and "NAME taken out: c", for what one list has and the other has not.
void compare(const std::string& name, const std::vector<std::string>& wanted, const std::vector<std::string>& locked,
             std::vector<std::string>& differences) {
  const auto only_in = [](const std::vector<std::string>& these, const std::vector<std::string>& others) {
    std::vector<std::string> only;
    for (const std::string& item : these)
      if (std::find(others.begin(), others.end(), item) == others.end()) only.push_back(item);
    return only;
  };
  if (const auto added = only_in(wanted, locked); !added.empty())
    differences.push_back(name + " added: " + join(added, ", "));
  if (const auto gone = only_in(locked, wanted); !gone.empty())
    differences.push_back(name + " taken out: " + join(gone, ", "));
}

}  // namespace

std::int64_t Lock::time() const {
  std::int64_t newest = 0;
  for (const Repository& repository : repositories) newest = std::max(newest, repository.date_unix);
  return newest;
}

const Lock::Repository& Lock::repository_of(const Package& package) const {
  const auto found = std::find_if(repositories.begin(), repositories.end(), [&](const Repository& repository) {
    return repository.where.name == package.repository;
  });
  if (found == repositories.end())
    throw Error("the lock has no repository `" + package.repository + "`, which " + package.name + " is from");
  return *found;
}

std::vector<Package> Lock::all_packages() const {
  std::vector<Package> all;
  std::set_union(packages.begin(), packages.end(), boot_packages.begin(), boot_packages.end(), std::back_inserter(all),
                 [](const Package& a, const Package& b) { return a.name < b.name; });
  return all;
}

Lock lock_request(const Recipe& recipe, const std::vector<std::string>& boot) {
  Lock lock{.name = recipe.name,
            .architecture = recipe.architecture,
            .install = recipe.packages,
            .provided = sorted(recipe.provided),
            .without = sorted(recipe.without),
            .boot = sorted(boot),
            .repositories = {},
            .packages = {},
            .boot_packages = {}};
  lock.install.push_back(recipe.kernel.package);
  lock.install = sorted(std::move(lock.install));
  lock.install.erase(std::unique(lock.install.begin(), lock.install.end()), lock.install.end());
  for (const Recipe::Repository& repository : recipe.repositories)
    lock.repositories.push_back({.where = repository, .date = {}, .date_unix = 0});
  return lock;
}

void check_lock_is_for(const Recipe& recipe, const Lock& wanted, const Lock& lock, const std::filesystem::path& file) {
  std::vector<std::string> differences;
  compare("architecture", {wanted.architecture}, {lock.architecture}, differences);
  compare("packages", wanted.install, lock.install, differences);
  compare("boot loader packages", wanted.boot, lock.boot, differences);
  compare("without", wanted.without, lock.without, differences);
  compare("provided", wanted.provided, lock.provided, differences);
  compare("repositories", descriptions_of(wanted.repositories), descriptions_of(lock.repositories), differences);
  if (differences.empty()) return;
  std::string text = "the lock " + file.string() + " was not made for " + recipe.file.string() + " as it is now:";
  for (const std::string& difference : differences) text += "\n  " + difference;
  throw Error(text, "renew it: lifeboat lock " + recipe.file.string() + " --output " + file.string() + " --update");
}

}  // namespace lifeboat
