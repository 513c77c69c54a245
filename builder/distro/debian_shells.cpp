#include <algorithm>

#include "builder/base/text.hpp"
#include "builder/distro/debian_steps.hpp"

namespace lifeboat {
namespace {

void add_once(std::vector<std::string>& list, std::string entry) {
  if (std::ranges::find(list, entry) == list.end()) list.push_back(std::move(entry));
}

/// Each shell that a file names, under its name and under its real place (/bin/sh, /usr/bin/sh).
void add_shells_of(const Tree& tree, const TreePath& file, std::vector<std::string>& shells) {
  const std::string text = tree.read(file);
  for (std::string_view line : split_lines(text)) {
    const std::string shell(line.substr(0, line.find('#')));
    if (shell.empty()) continue;
    add_once(shells, shell);
    add_once(shells, "/" + tree.resolve(TreePath(shell)).str());
  }
}

std::vector<TreePath> fragments(const Tree& tree) {
  const TreePath folder = "usr/share/debianutils/shells.d";
  std::vector<TreePath> files;
  for (auto node = tree.nodes().upper_bound(folder); node != tree.nodes().end() && folder.contains(node->first); ++node)
    if (node->second->type == NodeType::regular) files.push_back(node->first);
  return files;
}

}  // namespace

void write_debian_shells(Maker& maker) {
  const TreePath master = "usr/share/debianutils/shells";
  if (!maker.has_package("debianutils")) return;
  std::vector<std::string> shells;
  add_shells_of(maker.tree(), master, shells);
  for (const TreePath& file : fragments(maker.tree())) add_shells_of(maker.tree(), file, shells);
  std::string list = maker.tree().read(master);
  const std::vector<std::string_view> listed = split_lines(list);
  std::string more;
  for (const std::string& shell : shells)
    if (std::ranges::find(listed, shell) == listed.end()) more += shell + "\n";
  maker.file("etc/shells", list + more);
  maker.file("var/lib/shells.state", join(shells, "\n") + "\n");
}

}  // namespace lifeboat
