#include "builder/build/boot_loaders.hpp"

#include <fcntl.h>

#include <algorithm>
#include <map>
#include <set>

#include "builder/base/error.hpp"
#include "builder/base/fd.hpp"
#include "builder/base/file.hpp"
#include "builder/distro/distro.hpp"
#include "builder/package/deb_reader.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

using Place = BootLoaderPlaces::Place;

bool any_needs(const Recipe& recipe, BootLoaderNeed need) {
  return std::any_of(recipe.media.begin(), recipe.media.end(),
                     [&](const std::string& name) { return find_medium(name).needs == need; });
}

struct Wanted {
  Place place;
  fs::path BootLoaders::*file;
};

std::vector<Wanted> wanted_places(const Recipe& recipe) {
  std::vector<Wanted> wanted;
  const bool grub = any_needs(recipe, BootLoaderNeed::grub), stub = any_needs(recipe, BootLoaderNeed::efi_stub);
  if (!grub && !stub) return wanted;
  const BootLoaderPlaces& places = find_distribution(recipe.distribution).boot_loaders(recipe.architecture);
  if (grub) {
    wanted.push_back({places.shim, &BootLoaders::shim});
    wanted.push_back({places.grub_efi, &BootLoaders::grub_efi});
    wanted.push_back({places.grub_pc, &BootLoaders::grub_pc});
  }
  if (stub) wanted.push_back({places.efi_stub, &BootLoaders::efi_stub});
  return wanted;
}

void copy_content(const Content& content, const fs::path& file) {
  const Fd out = open_file(file, O_WRONLY | O_CREAT | O_EXCL, 0644);
  content.copy_to([&](std::string_view bytes) { write_all(out, bytes, file.string()); });
}

/// The file, or the folder with the files in it, that lies at the place in the package.
fs::path extract(const Tree& tree, const Place& place, const fs::path& folder) {
  const TreePath path{std::string(place.path)};
  const fs::path to = folder / fs::path(place.path).filename();
  const Node* node = tree.find_followed(path);
  if (node == nullptr)
    throw Error(std::string(place.package) + " has no " + std::string(place.path) + ", which a medium boots with",
                "its maker has moved it: Lifeboat's table of the distribution has to follow");
  if (node->type == NodeType::regular) {
    copy_content(node->content, to);
    return to;
  }
  fs::create_directory(to);
  for (const auto& [inside, child] : tree.nodes())
    if (child->type == NodeType::regular && inside.parent() == path) copy_content(child->content, to / inside.name());
  return to;
}

Tree read_package(const Lock& lock, const Cache& cache, std::string_view name, Spool& spool) {
  const auto package = std::find_if(lock.boot_packages.begin(), lock.boot_packages.end(),
                                    [&](const Package& each) { return each.name == name; });
  if (package == lock.boot_packages.end())
    throw Error("the lock has no " + std::string(name) + ", which a medium boots with",
                "renew it: lifeboat lock RECIPE --update");
  const UnpackedPackage unpacked = read_deb(cache.path_of(package->sha256), *package, spool);
  Tree tree;
  unpack_into(tree, unpacked.members, package->name);
  return tree;
}

}  // namespace

std::vector<std::string> boot_package_names(const Recipe& recipe) {
  std::set<std::string> names;
  for (const Wanted& wanted : wanted_places(recipe)) names.emplace(wanted.place.package);
  return {names.begin(), names.end()};
}

BootLoaders unpack_boot_loaders(const Recipe& recipe, const Lock& lock, const Cache& cache, const fs::path& folder) {
  BootLoaders loaders;
  const auto spool = Spool::create(folder.parent_path());
  std::map<std::string_view, Tree> trees;
  lifeboat::create_directories(folder);
  for (const auto& [place, file] : wanted_places(recipe)) {
    if (!trees.contains(place.package)) trees.emplace(place.package, read_package(lock, cache, place.package, *spool));
    loaders.*file = extract(trees.at(place.package), place, folder);
  }
  return loaders;
}

}  // namespace lifeboat
