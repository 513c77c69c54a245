#include "builder/distro/debian_alternatives.hpp"

#include <algorithm>
#include <map>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/distro/debian_steps.hpp"

namespace lifeboat {
namespace {

/// The choices of one name whose program is in the tree, best first.
using Group = std::vector<const AlternativeChoice*>;

std::map<std::string_view, Group> groups_in(const Tree& tree) {
  std::map<std::string_view, Group> groups;
  for (const AlternativeChoice& choice : alternative_choices())
    if (tree.find_followed(TreePath(choice.target)) != nullptr) groups[choice.name].push_back(&choice);
  for (auto& [name, group] : groups)
    std::ranges::sort(group, std::greater{}, [](const AlternativeChoice* choice) { return choice->priority; });
  return groups;
}

/// The one the recipe asks for, or the best.
const AlternativeChoice& chosen_of(const Group& group, const std::map<std::string, std::string>& wishes) {
  const auto wish = wishes.find(std::string(group.front()->name));
  if (wish == wishes.end()) return *group.front();
  std::vector<std::string> targets;
  for (const AlternativeChoice* choice : group) {
    if (choice->target == wish->second) return *choice;
    targets.emplace_back(choice->target);
  }
  throw Error("alternative `" + wish->first + "`: no installed package offers " + printable(wish->second),
              "in the image: " + join(targets, ", "));
}

void check_names(const std::map<std::string, std::string>& wishes, const std::map<std::string_view, Group>& groups) {
  for (const auto& [name, target] : wishes) {
    if (groups.contains(name)) continue;
    std::vector<std::string> names;
    names.reserve(groups.size());
    for (const auto& [known, group] : groups) names.emplace_back(known);
    const std::string near = did_you_mean(name, names);
    throw Error("alternative `" + printable(name) + "`: nothing in the image offers it",
                near.empty() ? "known: " + join(names, ", ") : "did you mean `" + near + "`?");
  }
}

/// Every slave of a group by name, with its link.
std::map<std::string_view, std::string_view> slave_links(const Group& group) {
  std::map<std::string_view, std::string_view> links;
  for (const AlternativeChoice* choice : group)
    for (const AlternativeSlave& slave : choice->slaves) links[slave.name] = slave.link;
  return links;
}

std::string_view slave_target(const AlternativeChoice& choice, std::string_view name) {
  const auto slave = std::ranges::find(choice.slaves, name, &AlternativeSlave::name);
  return slave == choice.slaves.end() ? std::string_view{} : slave->target;
}

/// The file that update-alternatives keeps: mode, link, slaves, blank line, then the choices by path, blank line.
std::string database_text(const Group& group, bool manual) {
  const auto slaves = slave_links(group);
  std::string text = std::string(manual ? "manual" : "auto") + "\n" + std::string(group.front()->link) + "\n";
  for (const auto& [name, link] : slaves) text += std::string(name) + "\n" + std::string(link) + "\n";
  text += "\n";
  Group by_path = group;
  std::ranges::sort(by_path, {}, [](const AlternativeChoice* choice) { return choice->target; });
  for (const AlternativeChoice* choice : by_path) {
    text += std::string(choice->target) + "\n" + std::to_string(choice->priority) + "\n";
    for (const auto& [name, link] : slaves) text += std::string(slave_target(*choice, name)) + "\n";
  }
  return text + "\n";
}

/// update-alternatives never replaces a file that a package put there; neither do we.
void write_links(Maker& maker, std::string_view name, std::string_view link, std::string_view target) {
  const Node* there = maker.tree().find(TreePath(link));
  if (there != nullptr && there->type != NodeType::symlink) return;
  const std::string middle = "/etc/alternatives/" + std::string(name);
  maker.link(middle, std::string(target));
  maker.link(TreePath(link), middle);
}

}  // namespace

void write_debian_alternatives(Maker& maker) {
  const auto& wishes = maker.input().recipe.alternatives;
  const auto groups = groups_in(maker.tree());
  check_names(wishes, groups);
  for (const auto& [name, group] : groups) {
    const AlternativeChoice& chosen = chosen_of(group, wishes);
    write_links(maker, name, chosen.link, chosen.target);
    for (const AlternativeSlave& slave : chosen.slaves) write_links(maker, slave.name, slave.link, slave.target);
    maker.file(TreePath("var/lib/dpkg/alternatives") / name, database_text(group, wishes.contains(std::string(name))));
  }
}

}  // namespace lifeboat
