#include "builder/build/lock_command.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <ostream>
#include <set>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/text.hpp"
#include "builder/build/boot_loaders.hpp"
#include "builder/build/build.hpp"
#include "builder/build/changes.hpp"
#include "builder/build/choose.hpp"
#include "builder/build/inputs.hpp"
#include "builder/build/lock.hpp"
#include "builder/package/deb_index.hpp"
#include "builder/package/without.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

using Names = std::set<std::string>;

std::string renew_command(const LockOptions& options, const fs::path& file) {
  return "lifeboat lock " + options.recipe.string() + " --output " + file.string() + " --update";
}

void check_names(const Lock& old, const std::vector<std::string>& packages, const fs::path& file) {
  std::vector<std::string> locked;
  for (const Package& package : old.all_packages()) locked.push_back(package.name);
  for (const std::string& name : packages) {
    if (std::find(locked.begin(), locked.end(), name) != locked.end()) continue;
    const std::string near = did_you_mean(name, locked);
    throw Error("`" + name + "` is not in the lock " + file.string(),
                near.empty() ? "leave it out: a package that the recipe names anew comes in by itself"
                             : "did you mean `" + near + "`?");
  }
}

/// The repositories that the recipe asks for, each with the date that the old lock has of it: nothing older is taken.
std::vector<Lock::Repository> not_older(std::vector<Lock::Repository> wanted, const Lock& old) {
  for (Lock::Repository& repository : wanted)
    for (const Lock::Repository& known : old.repositories)
      if (known.where.name == repository.where.name && known.where.mirror == repository.where.mirror &&
          known.where.suite == repository.where.suite)
        repository.date_unix = known.date_unix;
  return wanted;
}

std::string source_of(const Package& package) { return package.source.empty() ? package.name : package.source; }

/// What the locked packages say of themselves, for those that no repository lists any more.
std::vector<Package> read_from_files(Lock gone, const LockOptions& options, FetchSetup& fetch, Progress& progress) {
  if (gone.packages.empty()) return {};
  fetch_packages(gone, gone.packages, fetch.tools(), "renew the whole lock: " + renew_command(options, options.output),
                 progress);
  const TempDir folder(fetch.cache().folder(), "renew");
  const auto spool = Spool::create(folder.path());
  std::vector<Package> read;
  for (const Package& package : gone.packages) {
    const UnpackedPackage unpacked = read_deb(fetch.cache().path_of(package.sha256), package, *spool);
    read.push_back(parse_deb_control(unpacked.control.at("control"), package));
    drop_dependencies(read.back(), gone.without);
  }
  return read;
}

/// The universe in which every package of `old` but the `released` ones has its locked version alone.
Universe pinned(const Universe& universe, const Lock& old, const Names& released, const std::vector<Package>& gone) {
  const std::vector<Package> locked = old.all_packages();
  std::map<std::string, const Package*> pins;
  for (const Package& package : locked)
    if (!released.contains(package.name)) pins[package.name] = &package;
  Universe small{.packages = {}, .repositories = universe.repositories};
  for (const Package& package : universe.packages) {
    const auto pin = pins.find(package.name);
    if (pin == pins.end() || pin->second->sha256 == package.sha256) small.packages.push_back(package);
  }
  for (const Package& package : gone)
    if (pins.contains(package.name)) small.packages.push_back(package);
  return small;
}

/// Those and what is built from the same sources, which often fits together in one version only.
Names with_siblings(const Lock& old, Names names) {
  Names sources;
  for (const Package& package : old.packages)
    if (names.contains(package.name)) sources.insert(source_of(package));
  for (const Package& package : old.packages)
    if (sources.contains(source_of(package))) names.insert(package.name);
  return names;
}

/// Those and everything that they depend on by name, as the repositories have it now.
Names with_dependencies(const Universe& universe, const Names& names) {
  std::map<std::string, std::vector<const Package*>> by_name;
  for (const Package& package : universe.packages) by_name[package.name].push_back(&package);
  Names all = names;
  std::deque<std::string> todo(names.begin(), names.end());
  for (; !todo.empty(); todo.pop_front())
    for (const Package* package : by_name[todo.front()])
      for (const auto* clauses : {&package->pre_depends, &package->depends})
        for (const Clause& clause : *clauses)
          for (const Alternative& alternative : clause)
            if (all.insert(alternative.name).second) todo.push_back(alternative.name);
  return all;
}

/// Renews only the named packages; where that does not fit together, also their siblings, then what they need.
Lock renew_some(const Lock& request, const Lock& old, const Universe& universe, const LockOptions& options,
                FetchSetup& fetch, Progress& progress) {
  std::set<Sha256> listed;
  for (const Package& package : universe.packages) listed.insert(package.sha256);
  Lock gone = old;
  gone.packages = old.all_packages();
  std::erase_if(gone.packages, [&](const Package& package) { return listed.contains(package.sha256); });
  const std::vector<Package> unlisted = read_from_files(std::move(gone), options, fetch, progress);

  const Names siblings = with_siblings(old, Names(options.packages.begin(), options.packages.end()));
  try {
    return resolve_lock(request, pinned(universe, old, siblings, unlisted), options.recipe);
  } catch (const Interrupted&) {
    throw;
  } catch (const Error&) {
    progress.note("the new versions need more than the lock has; renewing what they depend on, too");
  }
  return resolve_lock(request,
                      pinned(universe, old, with_siblings(old, with_dependencies(universe, siblings)), unlisted),
                      options.recipe);
}

Lock renew(const Recipe& recipe, const Lock& old, const LockOptions& options, FetchSetup& fetch, Progress& progress) {
  const Lock request = lock_request(recipe, boot_package_names(recipe));
  const Universe universe = read_universe(not_older(request.repositories, old), request.architecture, request.without,
                                          fetch.tools(), progress);
  if (options.packages.empty()) return resolve_lock(request, universe, options.recipe);
  return renew_some(request, old, universe, options, fetch, progress);
}

}  // namespace

void write_lock(const LockOptions& given, std::ostream& out) {
  LockOptions options = given;
  if (options.output.empty()) options.output = fs::path(options.recipe).replace_extension(".lock");
  const fs::path& file = options.output;
  const bool there = fs::exists(file);
  if (there && !options.update)
    throw Error("the lock " + file.string() + " is there already",
                "renew it: " + renew_command(options, file) + ", or only some of it: --update PACKAGE...");
  if (!there && !options.packages.empty())
    throw Error("there is no lock " + file.string() + " to renew in part", "leave the packages out");
  Progress progress({.quiet = options.quiet});
  const Recipe recipe = read_image_recipe(options.recipe, options.media);
  FetchSetup fetch(options, recipe.repositories);
  if (!there) {
    const Lock lock = choose_packages(recipe, fetch.tools(), StepStore(fetch.cache(), true), progress);
    replace_file(file, to_text(lock));
    if (!options.quiet) out << file.string() << ": " << lock.packages.size() << " packages\n";
    return;
  }
  const Lock old = read_lock(file);
  check_names(old, options.packages, file);
  const Lock lock = renew(recipe, old, options, fetch, progress);
  replace_file(file, to_text(lock));
  if (!options.quiet) print_changes(out, changes_of(inventory_of(old), inventory_of(lock)));
}

}  // namespace lifeboat
