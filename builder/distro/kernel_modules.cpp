#include <algorithm>
#include <deque>
#include <functional>

#include "builder/base/error.hpp"
#include "builder/base/interrupt.hpp"
#include "builder/base/text.hpp"
#include "builder/distro/kernel.hpp"

namespace lifeboat {
namespace {

using Modules = std::map<std::string, ModuleInfo>;

/// Everything strictly below `folder`, in path order.
std::vector<TreePath> below(const Tree& tree, const TreePath& folder) {
  std::vector<TreePath> paths;
  for (auto node = tree.nodes().upper_bound(folder); node != tree.nodes().end() && folder.contains(node->first); ++node)
    paths.push_back(node->first);
  return paths;
}

/// The path below the kernel's folder "kernel/": "drivers/ata/ahci.ko".
std::string path_in_kernel(const KernelFiles& kernel, const TreePath& path) {
  const TreePath root = kernel.modules / "kernel";
  return root.contains(path) && path != root ? path.str().substr(root.str().size() + 1) : "";
}

bool is_glob(std::string_view text) { return text.find_first_of("*?[/") != std::string_view::npos; }

/// Adds the modules whose path below kernel/ a glob matches; how many there were.
std::size_t add_matching(const KernelFiles& kernel, const Modules& modules, std::string_view glob,
                         std::set<std::string>& to) {
  std::size_t found = 0;
  for (const auto& [name, info] : modules) {
    if (!glob_matches(glob, path_in_kernel(kernel, info.path))) continue;
    to.insert(name);
    ++found;
  }
  return found;
}

/// Modules that a dependency names: by name, else by an alias that is exactly that (softdeps name "crc32c").
std::vector<std::string> providers(const std::string& wanted, const Modules& modules,
                                   const std::map<std::string, std::vector<std::string>>& by_alias) {
  const std::string name = module_name(wanted);
  if (modules.contains(name)) return {name};
  const auto found = by_alias.find(wanted);
  return found == by_alias.end() ? std::vector<std::string>{} : found->second;
}

std::set<std::string> built_in_names(const Tree& tree, const KernelFiles& kernel) {
  std::set<std::string> names;
  const std::string text = tree.read(kernel.modules / "modules.builtin");
  for (std::string_view line : split_lines(text)) names.insert(module_name(line.substr(line.rfind('/') + 1)));
  return names;
}

void check_required(const Tree& tree, const KernelFiles& kernel, const Recipe& recipe, const Modules& modules) {
  const std::set<std::string> built_in = built_in_names(tree, kernel);
  std::vector<std::string> candidates(built_in.begin(), built_in.end());
  for (const auto& [name, info] : modules) candidates.push_back(name);
  std::vector<std::string> missing;
  for (const std::string& wanted : recipe.kernel.required_modules) {
    const std::string name = module_name(wanted);
    if (modules.contains(name) || built_in.contains(name)) continue;
    const std::string near = did_you_mean(name, candidates);
    missing.push_back(wanted + (near.empty() ? "" : " (did you mean " + near + "?)"));
  }
  if (missing.empty()) return;
  throw Error("kernel " + kernel.release + " of package " + recipe.kernel.package + " has no driver " +
                  join(missing, ", no ") + ", neither as a module nor built in",
              "take another kernel (`package` in [kernel]), or take the names out of `required_modules`");
}

/// What the groups, the required and the initramfs modules ask for by themselves.
std::set<std::string> wanted_modules(const KernelFiles& kernel, const Recipe& recipe, const Modules& modules) {
  std::set<std::string> wanted = initramfs_module_names(kernel, recipe, modules);
  for (const std::string& group : recipe.kernel.groups) {
    const auto globs = recipe.kernel.module_groups.find(group);
    if (globs == recipe.kernel.module_groups.end())
      throw Error("kernel module group `" + printable(group) + "` is not defined");
    for (const std::string& glob : globs->second) add_matching(kernel, modules, glob, wanted);
  }
  for (const std::string& name : recipe.kernel.required_modules)
    if (modules.contains(module_name(name))) wanted.insert(module_name(name));
  return wanted;
}

}  // namespace

KernelFiles find_kernel(const Tree& tree) {
  constexpr std::string_view prefix = "vmlinuz-";
  std::vector<std::string> releases;
  for (const TreePath& path : below(tree, "boot"))
    if (path.parent() == TreePath("boot") && path.name().starts_with(prefix) &&
        tree.find(path)->type == NodeType::regular)
      releases.emplace_back(path.name().substr(prefix.size()));
  if (releases.empty())
    throw Error("no kernel is in the image: no package brought /boot/vmlinuz-*",
                "name one in the recipe: package in [kernel]");
  if (releases.size() > 1)
    throw Error("more than one kernel is in the image: " + join(releases, ", "), "leave one in the recipe's packages");
  return {.release = releases[0],
          .image = TreePath("boot/vmlinuz-" + releases[0]),
          .modules = TreePath("usr/lib/modules/" + releases[0])};
}

std::map<std::string, ModuleInfo> read_modules(const Tree& tree, const KernelFiles& kernel) {
  Modules modules;
  for (const TreePath& path : below(tree, kernel.modules)) {
    const Node& node = *tree.nodes().at(path);
    if (node.type != NodeType::regular || !path.name().ends_with(".ko")) continue;
    throw_if_interrupted();
    ModuleInfo info = parse_module_info(node.content.read(), path);
    modules.insert_or_assign(info.name, std::move(info));
  }
  return modules;
}

std::set<std::string> with_dependencies(const std::set<std::string>& wanted,
                                        const std::map<std::string, ModuleInfo>& modules) {
  std::map<std::string, std::vector<std::string>> by_alias;
  for (const auto& [name, info] : modules)
    for (const std::string& alias : info.aliases) by_alias[alias].push_back(name);
  std::set<std::string> all;
  std::deque<std::string> open(wanted.begin(), wanted.end());
  for (; !open.empty(); open.pop_front()) {
    const auto found = modules.find(open.front());
    if (found == modules.end() || !all.insert(open.front()).second) continue;
    for (const auto* list : {&found->second.depends, &found->second.softdeps})
      for (const std::string& name : *list)
        std::ranges::copy(providers(name, modules, by_alias), std::back_inserter(open));
  }
  return all;
}

std::set<std::string> initramfs_module_names(const KernelFiles& kernel, const Recipe& recipe,
                                             const std::map<std::string, ModuleInfo>& modules) {
  std::set<std::string> names;
  for (const std::string& entry : recipe.kernel.initramfs_modules) {
    if (is_glob(entry))
      add_matching(kernel, modules, entry, names);
    else if (modules.contains(module_name(entry)))
      names.insert(module_name(entry));
  }
  return names;
}

void trim_modules(Tree& tree, const KernelFiles& kernel, const Recipe& recipe) {
  const Modules modules = read_modules(tree, kernel);
  check_required(tree, kernel, recipe, modules);
  const std::set<std::string> kept = with_dependencies(wanted_modules(kernel, recipe, modules), modules);
  for (const auto& [name, info] : modules)
    if (!kept.contains(name)) tree.remove(info.path);
}

}  // namespace lifeboat
