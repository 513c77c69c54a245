#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "builder/distro/distro.hpp"

namespace lifeboat {

/// What every finishing step works with: the tree, what it may look at, and how it adds things. Everything made has the
/// build's time and belongs to root unless said otherwise.
class Maker {
 public:
  Maker(Tree& tree, const FinishInput& input) : tree_(tree), input_(input) {}

  Tree& tree() noexcept { return tree_; }
  const Tree& tree() const noexcept { return tree_; }
  const FinishInput& input() const noexcept { return input_; }

  void file(const TreePath& path, std::string_view text, std::uint32_t mode = 0644, std::uint32_t gid = 0);
  void link(const TreePath& path, std::string target);
  /// A folder that is there keeps what it holds and takes this mode and owner.
  void directory(const TreePath& path, std::uint32_t mode = 0755, std::uint32_t uid = 0, std::uint32_t gid = 0);

  bool has_package(std::string_view name) const;

 private:
  Tree& tree_;
  const FinishInput& input_;
};

}  // namespace lifeboat
