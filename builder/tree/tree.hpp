#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "builder/tree/path.hpp"
#include "builder/tree/spool.hpp"

namespace lifeboat {

enum class NodeType : std::uint8_t { directory, regular, symlink, character_device, block_device, fifo };

/// One inode as it will be in the image; nothing of it exists on the host.
struct Node {
  NodeType type = NodeType::regular;
  std::uint32_t mode = 0644;  ///< permission bits with setuid, setgid, sticky (07777)
  std::uint32_t uid = 0, gid = 0;
  std::int64_t mtime = 0;                          ///< seconds since 1970; writers clamp to [0, 2^32)
  std::map<std::string, std::string> xattrs = {};  ///< "security.capability" -> raw value
  std::string target = {};                         ///< of a symlink, as written
  std::uint32_t device_major = 0, device_minor = 0;
  Content content = {};  ///< of a regular file
};

Node directory_node(std::uint32_t mode = 0755);
Node symlink_node(std::string target);
Node file_node(Content content, std::uint32_t mode = 0644);

/// The root file system as a value: path -> node, sorted. Hard links are paths that share one node.
/// Paths given to it are looked up the way a kernel would inside a chroot: symbolic links in the folders on the way are
/// followed and can never leave the root (a merged /usr works, an attack does not).
class Tree {
 public:
  using Nodes = std::map<TreePath, std::shared_ptr<Node>>;

  Tree();  ///< holds the root folder, mode 0755
  /// A copy has nodes of its own (hard links stay hard links); the bytes in the spool are shared.
  Tree(const Tree& other);
  Tree(Tree&&) = default;
  Tree& operator=(Tree other) noexcept;
  ~Tree() = default;

  /// The node at `path` (links on the way followed, a link at the end not), or nullptr.
  const Node* find(const TreePath& path) const;
  Node* find(const TreePath& path);
  /// As find, with a link at the end followed too.
  const Node* find_followed(const TreePath& path) const;
  /// The real place of `path`: links on the way replaced; the last component is kept as it is.
  /// Throws Error for a loop (more than 40 links) or a way through something that is no folder.
  TreePath resolve(const TreePath& path) const;

  /// Puts a node in place; missing folders on the way are made (0755). A folder over a folder keeps its children and
  /// takes the new mode, owner and time; a folder over a symlink to a folder is dropped (dpkg's rule: /lib stays a
  /// link), over a symlink to nothing it is made where the link points; a file, link or device replaces any non-folder
  /// and an empty folder. Throws Error for a non-folder over a non-empty folder, and for a folder over a file.
  void add(const TreePath& path, Node node);
  /// A second name for the regular file at `existing`. Throws Error where there is none.
  void add_hard_link(const TreePath& path, const TreePath& existing);
  /// Removes the path and all below; nothing happens where it is missing.
  void remove(const TreePath& path);
  /// Removes every path that a glob (base/text.hpp) matches, with all below; returns how many nodes went.
  std::size_t remove_matching(std::string_view glob);

  /// The whole content of a regular file (links followed). Throws Error("PATH is not in the tree").
  std::string read(const TreePath& path) const;

  const Nodes& nodes() const noexcept { return nodes_; }

 private:
  struct Place;
  Place walk(const TreePath& path, bool follow_last) const;
  Node* at(const TreePath& place) const;
  bool has_children(const TreePath& place) const;
  void make_parents(const TreePath& place);
  void add_folder(const TreePath& place, Node node);
  void add_other(const TreePath& place, std::shared_ptr<Node> node);

  Nodes nodes_;
};

}  // namespace lifeboat
