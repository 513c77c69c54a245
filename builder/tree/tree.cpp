#include "builder/tree/tree.hpp"

#include <unordered_map>
#include <utility>
#include <vector>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

constexpr int most_links = 40;  // the kernel's MAXSYMLINKS

/// Components still to walk, the next one at the end.
void push_components(std::vector<std::string>& pending, std::string_view path) {
  const std::vector<std::string_view> components = split(path, '/');
  for (std::size_t i = components.size(); i-- > 0;) pending.emplace_back(components[i]);
}

}  // namespace

Node directory_node(std::uint32_t mode) { return {.type = NodeType::directory, .mode = mode}; }

Node symlink_node(std::string target) { return {.type = NodeType::symlink, .mode = 0777, .target = std::move(target)}; }

Node file_node(Content content, std::uint32_t mode) { return {.mode = mode, .content = std::move(content)}; }

/// Where a walk ended, or why it could not go on.
struct Tree::Place {
  TreePath path;
  std::string fault;
};

Tree::Tree() { nodes_.emplace(TreePath(), std::make_shared<Node>(directory_node())); }

Tree::Tree(const Tree& other) {
  std::unordered_map<const Node*, std::shared_ptr<Node>> copies;
  for (const auto& [path, node] : other.nodes_) {
    std::shared_ptr<Node>& copy = copies[node.get()];
    if (!copy) copy = std::make_shared<Node>(*node);
    nodes_.emplace_hint(nodes_.end(), path, copy);
  }
}

Tree& Tree::operator=(Tree other) noexcept {
  nodes_.swap(other.nodes_);
  return *this;
}

Node* Tree::at(const TreePath& place) const {
  const auto found = nodes_.find(place);
  return found == nodes_.end() ? nullptr : found->second.get();
}

Tree::Place Tree::walk(const TreePath& path, bool follow_last) const try {
  std::vector<std::string> pending;
  push_components(pending, path.str());
  TreePath here;
  for (int links = 0; !pending.empty();) {
    const std::string name = std::move(pending.back());
    pending.pop_back();
    if (name == "..") here = here.parent();
    if (name.empty() || name == "." || name == "..") continue;
    TreePath next = here / name;
    const Node* node = at(next);
    const bool last = pending.empty();
    if (node != nullptr && node->type == NodeType::symlink && (!last || follow_last)) {
      if (++links > most_links) return {next, "too many symbolic links on the way to " + path.shown()};
      if (node->target.starts_with('/')) here = {};
      push_components(pending, node->target);
      continue;
    }
    if (node != nullptr && node->type != NodeType::directory && !last) return {next, next.shown() + " is not a folder"};
    here = std::move(next);
  }
  return {here, ""};
} catch (const Error& error) {
  return {path, error.what()};  // a link target that no path can be
}

const Node* Tree::find(const TreePath& path) const {
  const Place place = walk(path, false);
  return place.fault.empty() ? at(place.path) : nullptr;
}

Node* Tree::find(const TreePath& path) { return const_cast<Node*>(std::as_const(*this).find(path)); }

const Node* Tree::find_followed(const TreePath& path) const {
  const Place place = walk(path, true);
  return place.fault.empty() ? at(place.path) : nullptr;
}

TreePath Tree::resolve(const TreePath& path) const {
  Place place = walk(path, false);
  if (!place.fault.empty()) throw Error(place.fault);
  return std::move(place.path);
}

bool Tree::has_children(const TreePath& place) const {
  const auto next = nodes_.upper_bound(place);
  return next != nodes_.end() && place.contains(next->first);
}

void Tree::make_parents(const TreePath& place) {
  for (TreePath up = place.parent(); at(up) == nullptr; up = up.parent())
    nodes_.emplace(up, std::make_shared<Node>(directory_node()));
}

void Tree::add(const TreePath& path, Node node) {
  with_context("adding " + path.shown(), [&] {
    const TreePath place = resolve(path);
    if (node.type == NodeType::directory)
      add_folder(place, std::move(node));
    else
      add_other(place, std::make_shared<Node>(std::move(node)));
  });
}

void Tree::add_folder(const TreePath& place, Node node) {
  Node* there = at(place);
  if (there != nullptr && there->type == NodeType::symlink) {
    Place behind = walk(place, true);
    if (!behind.fault.empty()) throw Error(behind.fault);
    const Node* target = at(behind.path);
    if (target != nullptr && target->type == NodeType::directory) return;
    return add_folder(behind.path, std::move(node));
  }
  if (there != nullptr && there->type != NodeType::directory)
    throw Error("a folder cannot take the place of a file: " + place.shown());
  make_parents(place);
  if (there != nullptr)
    *there = std::move(node);
  else
    nodes_.emplace(place, std::make_shared<Node>(std::move(node)));
}

void Tree::add_other(const TreePath& place, std::shared_ptr<Node> node) {
  const Node* there = at(place);
  if (place.is_root() || (there != nullptr && there->type == NodeType::directory && has_children(place)))
    throw Error("the folder " + place.shown() + " is not empty; only a folder can take its place");
  make_parents(place);
  nodes_[place] = std::move(node);
}

void Tree::add_hard_link(const TreePath& path, const TreePath& existing) {
  with_context("adding the hard link " + path.shown(), [&] {
    const auto found = nodes_.find(resolve(existing));
    if (found == nodes_.end() || found->second->type != NodeType::regular)
      throw Error("there is no file " + existing.shown() + " to link to");
    add_other(resolve(path), found->second);
  });
}

void Tree::remove(const TreePath& path) {
  const Place place = walk(path, false);
  if (!place.fault.empty()) return;
  auto first = nodes_.lower_bound(place.path);
  if (place.path.is_root()) ++first;  // the root itself always stays
  auto last = first;
  while (last != nodes_.end() && place.path.contains(last->first)) ++last;
  nodes_.erase(first, last);
}

std::size_t Tree::remove_matching(std::string_view glob) {
  while (glob.starts_with('/')) glob.remove_prefix(1);
  const std::size_t before = nodes_.size();
  for (auto node = std::next(nodes_.begin()); node != nodes_.end();) {
    const TreePath path = node->first;
    if (!glob_matches(glob, path.str())) {
      ++node;
      continue;
    }
    while (node != nodes_.end() && path.contains(node->first)) node = nodes_.erase(node);
  }
  return before - nodes_.size();
}

std::string Tree::read(const TreePath& path) const {
  const Node* node = find_followed(path);
  if (node == nullptr) throw Error(path.shown() + " is not in the tree");
  if (node->type != NodeType::regular) throw Error(path.shown() + " is not a regular file");
  return node->content.read();
}

}  // namespace lifeboat
