#include <array>

#include "builder/base/error.hpp"
#include "builder/distro/kernel.hpp"
#include "builder/distro/maker.hpp"

namespace lifeboat {
namespace {

constexpr std::array empty_folders{"bin", "dev",  "etc", "newroot", "proc", "root",
                                   "run", "sbin", "sys", "tmp",     "usr",  "var"};

Node device_node(std::uint32_t major, std::uint32_t minor, std::uint32_t mode) {
  return {.type = NodeType::character_device, .mode = mode, .device_major = major, .device_minor = minor};
}

/// What the kernel needs before /dev is mounted: where init's first words go.
void add_devices(Tree& tree) {
  tree.add("dev/console", device_node(5, 1, 0600));
  tree.add("dev/null", device_node(1, 3, 0666));
}

void add_busybox(Tree& tree, const Tree& root) {
  const Node* busybox = root.find_followed("bin/busybox");
  if (busybox == nullptr || busybox->type != NodeType::regular)
    throw Error("making the initramfs: the image has no /bin/busybox", "add the package busybox-static to the recipe");
  tree.add("bin/busybox", *busybox);
  tree.add("bin/sh", symlink_node("busybox"));
}

/// Options and aliases for modprobe hold from the first module on (md arrays start read-only).
void add_modprobe_settings(Tree& tree, const Tree& root) {
  const TreePath folder = "etc/modprobe.d";
  for (const auto& [path, node] : root.nodes())
    if (folder.contains(path) && node->type == NodeType::regular) tree.add(path, *node);
}

/// Modules lie below /lib, where busybox modprobe looks; /usr is left empty.
void add_modules(Tree& tree, const Tree& root, const KernelFiles& kernel, const FinishInput& input) {
  const auto modules = read_modules(root, kernel);
  const KernelFiles here{.release = kernel.release, .image = {}, .modules = TreePath("lib/modules/" + kernel.release)};
  const auto place = [&](const TreePath& path) {
    return TreePath(here.modules.str() + path.str().substr(kernel.modules.str().size()));
  };
  for (const std::string& name : with_dependencies(initramfs_module_names(kernel, input.recipe, modules), modules)) {
    const TreePath& path = modules.at(name).path;
    tree.add(place(path), *root.find(path));
  }
  for (const char* list : {"modules.builtin", "modules.builtin.modinfo", "modules.order"})
    if (const Node* node = root.find(kernel.modules / list)) tree.add(here.modules / list, *node);
  write_module_indexes(tree, here, input);
}

}  // namespace

Tree make_drivers_tree(const Tree& root, const KernelFiles& kernel, const FinishInput& input) {
  Tree tree;
  Maker maker(tree, input);
  for (const char* folder : empty_folders) maker.directory(folder);
  add_devices(tree);
  add_busybox(tree, root);
  add_modprobe_settings(tree, root);
  add_modules(tree, root, kernel, input);
  return tree;
}

Tree make_init_tree(std::string_view init, std::string_view boot_configuration, Spool& spool, std::int64_t time) {
  Tree tree;
  const auto add = [&](const TreePath& path, std::string_view text, std::uint32_t mode) {
    Node node = file_node(spool.append(text), mode);
    node.mtime = time;
    tree.add(path, std::move(node));
  };
  add("init", init, 0755);
  add("etc/lifeboat/boot.conf", boot_configuration, 0644);
  return tree;
}

void link_to_init(Tree& root, const FinishInput& input, const TreePath& init_path) {
  Maker maker(root, input);
  maker.directory(init_path.parent());
  for (const char* name : {"rescue", "poweroff", "reboot", "halt"})
    maker.link(TreePath("usr/sbin") / name, "/" + init_path.str());
}

}  // namespace lifeboat
