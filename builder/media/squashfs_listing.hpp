#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "builder/tree/tree.hpp"

namespace lifeboat {

/// Compares what `unsquashfs -pf` says of an image with the tree that it was made from. That "pseudo file" is a line
/// per entry, depth first, siblings in byte order (the tree's own order), then a marker, then the bytes of all regular
/// files in the same order. Extended attributes are not compared: squashfs-tools 4.5 does not print them.
class SquashfsListing {
 public:
  /// `newest` as given to write_tar.
  SquashfsListing(const Tree& tree, std::int64_t newest);
  SquashfsListing(Tree&&, std::int64_t) = delete;  // it must live on

  /// The next bytes of the pseudo file. Throws Error naming the first entry that differs.
  void feed(std::string_view bytes);
  /// After the last bytes. Throws Error where something is missing.
  void finish();

 private:
  void compare_lines();
  void compare_bytes(std::string_view bytes);

  const Tree& tree_;
  std::int64_t newest_;
  std::string lines_;           ///< what came before the marker
  std::size_t most_lines_ = 0;  ///< bytes; more than that is no listing of this tree
  bool in_lines_ = true;
  std::vector<std::pair<const TreePath*, const Content*>> files_;  ///< with content, each inode once
  std::size_t file_ = 0;                                           ///< in files_
  std::uint64_t at_ = 0;                                           ///< bytes of that file that are compared already
};

}  // namespace lifeboat
