#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "builder/package/deb_reader.hpp"
#include "builder/recipe/recipe.hpp"
#include "builder/tree/tree.hpp"

namespace lifeboat {

/// What finishing a tree may look at.
struct FinishInput {
  const Recipe& recipe;
  std::span<const UnpackedPackage> packages;  ///< sorted by name, already unpacked into the tree
  std::shared_ptr<Spool> spool;               ///< for the files it makes
  std::int64_t time = 0;          ///< mtime of everything made, seconds since 1970 (from the signed Release)
  std::filesystem::path scratch;  ///< a folder on the host for tools that need real files (depmod)
};

/// Where a distribution's packages have its boot loaders: path of a file, or of a folder, in a package that is not
/// installed for it.
struct BootLoaderPlaces {
  struct Place {
    std::string_view package;
    std::string_view path;
  };
  Place shim;      ///< EFI program, signed by whom firmware trusts
  Place grub_efi;  ///< EFI program, signed by whom shim trusts; takes its menu from (its partition)/boot/grub
  Place grub_pc;   ///< folder of GRUB's modules and images for BIOS
  Place efi_stub;  ///< what a unified kernel image begins with
};

/// One family member: everything that is peculiar to it is a field or a function here (style.md 7).
struct Distribution {
  std::string_view name;                                 ///< as recipes say it: "debian"
  void (*prepare)(Tree& tree);                           ///< before unpacking: the merged /usr links
  void (*finish)(Tree& tree, const FinishInput& input);  ///< what maintainer scripts would have done, declared
  /// One sentence per thing that `finish` knows it may have left out; for the person who builds.
  std::vector<std::string> (*warnings)(const FinishInput& input);
  /// Throws Error for an architecture that it has none for.
  const BootLoaderPlaces& (*boot_loaders)(std::string_view architecture);
};

/// The explicit table of all distributions.
std::span<const Distribution> distributions();
/// Throws Error with "did you mean".
const Distribution& find_distribution(std::string_view name);

/// Debian's row.
void prepare_debian(Tree& tree);
void finish_debian(Tree& tree, const FinishInput& input);
std::vector<std::string> warnings_debian(const FinishInput& input);
const BootLoaderPlaces& boot_loaders_debian(std::string_view architecture);

}  // namespace lifeboat
