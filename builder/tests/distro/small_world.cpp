#include "builder/tests/distro/small_world.hpp"

namespace lifeboat {

FinishInput SmallWorld::input() const {
  return {.recipe = recipe, .packages = packages, .spool = spool, .time = time, .scratch = folder.path()};
}

void SmallWorld::add_file(const TreePath& path, std::string_view text, std::uint32_t mode) {
  tree.add(path, file_node(spool->append(text), mode));
}

void SmallWorld::add_package(std::string name) {
  UnpackedPackage unpacked;
  unpacked.package.name = std::move(name);
  packages.push_back(std::move(unpacked));
}

}  // namespace lifeboat
