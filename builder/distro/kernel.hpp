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
  std::string name;  ///< with underscores
  TreePath path;
  std::vector<std::string> depends = {};   ///< module names, hard
  std::vector<std::string> softdeps = {};  ///< "pre:" and "post:" names: modules, or aliases of modules
  std::vector<std::string> aliases = {};   ///< as modules.alias has them
  std::vector<std::string> firmware = {};
};

/// "sata-via.ko" or "sata-via" -> "sata_via": the kernel takes - and _ for the same.
std::string module_name(std::string_view file);

/// Reads .modinfo out of a .ko (ELF64, little endian; every offset is checked). Throws Error.
ModuleInfo parse_module_info(std::string_view elf, const TreePath& path);

/// Every module of the kernel by name.
std::map<std::string, ModuleInfo> read_modules(const Tree& tree, const KernelFiles& kernel);

/// `wanted` with everything they depend on, hard and soft (a soft one that does not exist is passed over).
std::set<std::string> with_dependencies(const std::set<std::string>& wanted,
                                        const std::map<std::string, ModuleInfo>& modules);

/// What the recipe's `initramfs_modules` names, without dependencies: names, and globs of paths below kernel/. A name
/// that the kernel has not as a module is passed over: what must be there is in `required_modules`.
std::set<std::string> initramfs_module_names(const KernelFiles& kernel, const Recipe& recipe,
                                             const std::map<std::string, ModuleInfo>& modules);

/// Removes every module that no kept group, required or initramfs module (nor their dependencies) asks for. Throws
/// Error naming each required module that the kernel has neither as a module nor built in ("did you mean").
void trim_modules(Tree& tree, const KernelFiles& kernel, const Recipe& recipe);

/// modules.dep, modules.alias and their .bin forms, by depmod over the tree's modules in a scratch folder. The same
/// modules give the same bytes.
void write_module_indexes(Tree& tree, const KernelFiles& kernel, const FinishInput& input);

/// The part of the initramfs that stays the same whatever the init is: busybox as /bin/busybox with the links the init
/// uses, device nodes, and the modules that the recipe's `initramfs_modules` names (with dependencies and their own
/// indexes).
Tree make_drivers_tree(const Tree& root, const KernelFiles& kernel, const FinishInput& input);

/// The part that changes with the init: `init` as /init, and the boot configuration.
Tree make_init_tree(std::string_view init, std::string_view boot_configuration, Spool& spool, std::int64_t time);

/// The commands that are the init by another name (`rescue`, `poweroff` ...) as links to `init_path` in the root. The
/// init itself is no file of the root: it copies itself there when it moves in, so that a new init does not need a new
/// root.
void link_to_init(Tree& root, const FinishInput& input, const TreePath& init_path);

}  // namespace lifeboat
