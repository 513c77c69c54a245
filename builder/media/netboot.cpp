// netboot: the kernel, and one initrd that holds everything; or, over HTTP, a small one that fetches the root itself.
#include "builder/base/file.hpp"
#include "builder/base/text.hpp"
#include "builder/media/initrd.hpp"
#include "builder/media/media.hpp"
#include "init/contract/kernel_arguments.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

/// The folder that the script came from. An iPXE older than 2020, such as QEMU's, knows that in no variable; there the
/// script's own address is what DHCP said, and `..` leads from it to its folder: servers fold that away.
constexpr std::string_view find_folder = "isset ${cwduri} && set folder ${cwduri} || set folder ${filename}/../\n";

/// Names are relative to where iPXE got the script from. EFI firmware needs initrd= to find what iPXE loaded.
std::string ipxe_script(const MediaInput& input, std::string_view before, const std::string& initrd,
                        const std::string& more) {
  return "#!ipxe\n# " + input.title + ", build " + input.build_id + "\n" + std::string(before) +
         "kernel vmlinuz initrd=" + initrd + " " + input.kernel_arguments + more + "\ninitrd " + initrd + "\nboot\n";
}

}  // namespace

MediumFiles write_netboot(const MediaInput& input, Progress::Step& step) {
  const fs::path& folder = input.folder;
  copy_to_output(input.kernel, folder / "vmlinuz");
  write_initrd(input, true, folder / "initrd.img");
  replace_file(folder / "boot.ipxe", ipxe_script(input, "", "initrd.img", ""));
  write_initrd(input, false, folder / "initrd-http.img");
  copy_to_output(input.root, folder / "root.squashfs");
  replace_file(folder / "boot-http.ipxe",
               ipxe_script(input, find_folder, "initrd-http.img",
                           " " + std::string(contract::root_url_argument) + "=${folder}root.squashfs"));
  const std::uint64_t initrd = fs::file_size(folder / "initrd.img");
  step.done("netboot: initrd " + format_size(initrd));
  return {.names = {"vmlinuz", "initrd.img", "boot.ipxe", "initrd-http.img", "root.squashfs", "boot-http.ipxe"},
          .size = fs::file_size(folder / "vmlinuz") + initrd};
}

}  // namespace lifeboat
