#include "qemu-tests/stand_in.hpp"

namespace lifeboat::qemu {
namespace fs = std::filesystem;

void make_stand_in_image(const fs::path& folder, const std::string& mode, const fs::path& kernel_of) {
  fs::create_directories(folder);
  fs::create_symlink(kernel_of / "vmlinuz", folder / "vmlinuz");
  write_file(folder / "manifest.json", R"({"kernel_arguments": "console=ttyS0 -- )" + mode + "\"}");
  if (mode == "panic") return write_file(folder / "initrd.img", "");
  fs::copy_file(STAND_IN_INIT, folder / "init");
  run_checked({"sh", "-c", "cd \"$1\" && echo init | cpio --quiet -o -H newc > initrd.img", "cpio", folder});
}

}  // namespace lifeboat::qemu
