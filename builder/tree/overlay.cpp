#include "builder/tree/overlay.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <set>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

bool is_folder(const Tree& tree, const TreePath& path) {
  const Node* node = tree.find_followed(path);
  return node != nullptr && node->type == NodeType::directory;
}

/// The entry as a node; its mode says only what git keeps.
Node node_of(const fs::path& entry, Spool& spool) {
  struct stat status {};
  if (::lstat(entry.c_str(), &status) != 0) throw system_error("reading " + entry.string(), errno);
  if (S_ISDIR(status.st_mode)) return directory_node();
  if (S_ISLNK(status.st_mode)) return symlink_node(fs::read_symlink(entry).string());
  if (!S_ISREG(status.st_mode)) throw Error(entry.string() + " is no file, folder or symbolic link");
  return file_node(spool.append(read_file(entry)), (status.st_mode & S_IXUSR) != 0 ? 0755 : 0644);
}

/// Every path below `folder`, sorted: the host's order of names says nothing.
std::set<fs::path> entries_below(const fs::path& folder) try {
  std::set<fs::path> entries;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) entries.insert(entry.path());
  return entries;
} catch (const fs::filesystem_error& error) {
  throw Error("reading the overlay " + folder.string() + ": " + error.code().message());
}

}  // namespace

void lay_over(Tree& tree, const fs::path& folder, Spool& spool, std::int64_t mtime) {
  if (std::error_code absent; !fs::exists(folder, absent)) return;
  for (const fs::path& entry : entries_below(folder)) {
    const TreePath path = entry.lexically_relative(folder).string();
    Node node = node_of(entry, spool);
    if (node.type == NodeType::directory && is_folder(tree, path)) continue;
    node.mtime = mtime;
    tree.add(path, std::move(node));
  }
}

}  // namespace lifeboat
