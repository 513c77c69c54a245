// Debian's row: how its tree starts, and what its maintainer scripts would have done, as one list.
#include "builder/base/error.hpp"
#include "builder/distro/ca_bundle.hpp"
#include "builder/distro/debian_scripts.hpp"
#include "builder/distro/debian_steps.hpp"
#include "builder/distro/kernel.hpp"
#include "builder/distro/machine_files.hpp"

namespace lifeboat {
namespace {

/// apt-get install in the rescue system must not start services beside our init: invoke-rc.d asks this program first.
void write_policy_rc_d(Maker& maker) {
  maker.file("usr/sbin/policy-rc.d",
             "#!/bin/sh\n# The rescue system starts services only when a person does.\nexit 101\n", 0755);
}

void remove_unwanted(Maker& maker) {
  for (const std::string& glob : maker.input().recipe.remove) maker.tree().remove_matching(glob);
}

void finish_kernel(Maker& maker) {
  const KernelFiles kernel = find_kernel(maker.tree());
  trim_modules(maker.tree(), kernel, maker.input().recipe);
  write_module_indexes(maker.tree(), kernel, maker.input());
}

}  // namespace

void prepare_debian(Tree& tree) {
  for (const char* name : {"bin", "sbin", "lib", "lib64"}) {
    tree.add(TreePath("usr") / name, directory_node());
    tree.add(name, symlink_node(std::string("usr/") + name));
  }
  prepare_base_folders(tree);
}

void finish_debian(Tree& tree, const FinishInput& input) {
  Maker maker(tree, input);
  copy_debian_defaults(maker);
  write_debian_users(maker);
  set_debian_modes(maker);
  write_debian_alternatives(maker);
  write_debian_pam(maker);
  write_debian_shells(maker);
  write_ca_bundle(maker);
  write_machine_files(maker);
  write_debian_apt_sources(maker);
  write_policy_rc_d(maker);
  finish_kernel(maker);
  remove_unwanted(maker);
  write_dpkg_database(maker);
}

/// GRUB is the one that Debian's own installation media use: it takes its menu from the medium it was started from.
const BootLoaderPlaces& boot_loaders_debian(std::string_view architecture) {
  static constexpr BootLoaderPlaces amd64{
      .shim = {"shim-signed", "usr/lib/shim/shimx64.efi.signed"},
      .grub_efi = {"grub-efi-amd64-signed", "usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed"},
      .grub_pc = {"grub-pc-bin", "usr/lib/grub/i386-pc"},
      .efi_stub = {"systemd-boot-efi", "usr/lib/systemd/boot/efi/linuxx64.efi.stub"}};
  if (architecture == "amd64") return amd64;
  throw Error("Lifeboat knows no boot loaders of Debian for " + std::string(architecture),
              "leave netboot alone in `media`");
}

std::vector<std::string> warnings_debian(const FinishInput& input) {
  std::vector<std::string> warnings;
  for (const std::string& package : packages_with_unknown_scripts(input.packages))
    warnings.push_back(
        "package " + package +
        " has an installation script that Lifeboat does not know and did not run; what it makes (a user, "
        "a link, a file) may be missing in the image");
  return warnings;
}

}  // namespace lifeboat
