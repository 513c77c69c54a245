#include "qemu-tests/harness/image.hpp"

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace lifeboat::qemu {
namespace fs = std::filesystem;
namespace {

fs::path find_image(const char* variable, const char* name) {
  const char* asked = std::getenv(variable);
  const fs::path image = asked != nullptr ? fs::path(asked) : fs::path(LIFEBOAT_BINARY_DIR) / "images" / name;
  if (!fs::exists(image / "vmlinuz"))
    throw Failure("there is no image " + image.string() + ": run `make images`, or point " + variable + " at one");
  return image;
}

}  // namespace

fs::path cloud_image() { return find_image("LIFEBOAT_IMAGE", "debian-12-cloud-amd64"); }
fs::path generic_image() { return find_image("LIFEBOAT_IMAGE_GENERIC", "debian-12-amd64"); }

fs::path medium_file(const fs::path& image, const std::string& medium) {
  const fs::path file = image / ("rescue." + (medium == "uki" ? "efi" : medium));
  if (!fs::exists(file)) throw Failure("the image has no medium " + medium + ": run `make images`");
  return file;
}

void make_efi_disk(const fs::path& program, const fs::path& disk) {
  write_file(disk, "");
  fs::resize_file(disk, fs::file_size(program) + (16 << 20));
  run_checked({"mformat", "-i", disk, "-F", "::"});
  run_checked({"mmd", "-i", disk, "::/EFI", "::/EFI/BOOT"});
  run_checked({"mcopy", "-i", disk, program, "::/EFI/BOOT/BOOTX64.EFI"});
}

VmOptions boots(const fs::path& image) {
  const nlohmann::json manifest = nlohmann::json::parse(read_file(image / "manifest.json"));
  VmOptions options;
  options.kernel = image / "vmlinuz";
  options.initrd = image / "initrd.img";
  options.kernel_arguments = manifest.at("kernel_arguments").get<std::string>();
  return options;
}

}  // namespace lifeboat::qemu
