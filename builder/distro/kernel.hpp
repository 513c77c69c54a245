#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "builder/distro/distro.hpp"

namespace lifeboat {

/// The one kernel of a tree.
struct KernelFiles {
  std::string release;  ///< uname -r: "6.1.0-40-amd64"
  TreePath image;       ///< boot/vmlinuz-RELEASE
  TreePath modules;     ///< usr/lib/modules/RELEASE
};

/// Throws Error when the tree holds no kernel or more than one.
KernelFiles find_kernel(const Tree& tree);

/// What a module says of itself in its ELF .modinfo section.
struct ModuleInfo {
  std::string name;                  ///< with underscores
  TreePath path;
  std::vector<std::string> depends;  ///< module names, hard
  std::vector<std::string> softdeps; ///< "pre:" and "post:" names
  std::vector<std::string> aliases;  ///< as modules.alias has them
  std::vector<std::string> firmware;
};

/// Reads .modinfo out of a .ko (ELF64, little endian; every offset is checked). Throws Error.
ModuleInfo parse_module_info(std::string_view elf, const TreePath& path);

/// Every module of the kernel by name.
std::map<std::string, ModuleInfo> read_modules(const Tree& tree, const KernelFiles& kernel);

/// `wanted` with everything they depend on, hard and soft (a soft one that does not exist is passed over).
std::set<std::string> with_dependencies(const std::set<std::string>& wanted, const std::map<std::string, ModuleInfo>& modules);

/// Removes every module that no kept group, required or initramfs module (nor their dependencies) asks for. Throws Error
/// naming each required module that the kernel has neither as a module nor built in ("did you mean").
void trim_modules(Tree& tree, const KernelFiles& kernel, const Recipe& recipe);

/// modules.dep, modules.alias and their .bin forms, by depmod over the tree's modules in a scratch folder.
void write_module_indexes(Tree& tree, const KernelFiles& kernel, const FinishInput& input);

/// The small root of the initramfs: `init` as /init, busybox as /bin/busybox with the links the init uses, /etc/lifeboat,
/// and the modules that the recipe's `initramfs_modules` names (with dependencies and their own indexes).
Tree make_initramfs_tree(const Tree& root, const KernelFiles& kernel, const FinishInput& input,
                         const std::filesystem::path& init_binary, std::string_view boot_configuration);

}  // namespace lifeboat
