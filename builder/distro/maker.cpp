#include "builder/distro/maker.hpp"

#include <algorithm>
#include <utility>

namespace lifeboat {

void Maker::file(const TreePath& path, std::string_view text, std::uint32_t mode, std::uint32_t gid) {
  Node node = file_node(text.empty() ? Content{} : input_.spool->append(text), mode);
  node.gid = gid;
  node.mtime = input_.time;
  tree_.add(path, std::move(node));
}

void Maker::link(const TreePath& path, std::string target) {
  Node node = symlink_node(std::move(target));
  node.mtime = input_.time;
  tree_.add(path, std::move(node));
}

void Maker::directory(const TreePath& path, std::uint32_t mode, std::uint32_t uid, std::uint32_t gid) {
  Node node = directory_node(mode);
  node.uid = uid;
  node.gid = gid;
  node.mtime = input_.time;
  tree_.add(path, std::move(node));
}

bool Maker::has_package(std::string_view name) const {
  return std::ranges::binary_search(input_.packages, name, {}, [](const UnpackedPackage& unpacked) -> std::string_view {
    return unpacked.package.name;
  });
}

}  // namespace lifeboat
