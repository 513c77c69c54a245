#include "builder/media/media.hpp"

#include <array>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

constexpr std::array<std::string_view, 5> hybrid_tools{"debugfs", "grub-mkimage", "mcopy", "mke2fs", "xorriso"};
constexpr std::array<std::string_view, 6> qcow2_tools{"debugfs", "grub-mkimage", "mcopy",
                                                      "mke2fs",  "qemu-img",     "xorriso"};

constexpr std::array<Medium, 5> table{{
    {"netboot", BootLoaderNeed::none, RootPlace::initramfs, {}, write_netboot},
    {"iso", BootLoaderNeed::grub, RootPlace::medium, hybrid_tools, write_iso},
    {"raw", BootLoaderNeed::grub, RootPlace::medium, hybrid_tools, write_raw},
    {"qcow2", BootLoaderNeed::grub, RootPlace::medium, qcow2_tools, write_qcow2},
    {"uki", BootLoaderNeed::efi_stub, RootPlace::efi_program, {}, write_uki},
}};

}  // namespace

std::span<const Medium> media() { return table; }

const Medium& find_medium(std::string_view name) {
  std::vector<std::string> known;
  for (const Medium& medium : table) {
    if (medium.name == name) return medium;
    known.emplace_back(medium.name);
  }
  const std::string near = did_you_mean(name, known);
  throw Error("there is no medium `" + std::string(name) + "`",
              near.empty() ? "known: " + join(known, ", ") : "did you mean `" + near + "`?");
}

}  // namespace lifeboat
