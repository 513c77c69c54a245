// The layout, as the firmware and the init see it:
//   BIOS disk   boot_hybrid.img in the first sector -> GRUB's BIOS image -> /boot/grub/grub.cfg
//   BIOS CD     El Torito -> GRUB's BIOS image -> the same
//   EFI disk    GPT -> EFI system partition (appended) -> shim -> GRUB -> its own small menu -> the same
//   EFI CD      El Torito -> the same partition -> shim -> GRUB -> the same
//   cloud       GPT's third partition (appended) -> a place for the password and keys that it injects
//   init        the application identifier names the build; /lifeboat/root.squashfs is the root image
#include "builder/media/hybrid.hpp"

#include <chrono>
#include <ctime>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/media/arguments_place.hpp"
#include "builder/media/esp.hpp"
#include "builder/media/grub.hpp"
#include "builder/media/identifier.hpp"
#include "builder/media/initrd.hpp"
#include "builder/media/injection.hpp"
#include "init/contract/boot_configuration.hpp"
#include "init/contract/injection.hpp"
#include "init/contract/medium_mark.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr const char* esp_type = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
constexpr const char* linux_type = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";
constexpr std::chrono::seconds longest_writing{1800};  // a slow disk

/// YYYYMMDDhhmmsscc: the volume's dates. ISO 9660's "UUID" is made of it, so it takes hundredths from the build id.
std::string volume_date(const MediaInput& input) {
  const std::time_t time = input.time;
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%d%H%M%S", &utc);
  const unsigned long hundredths = std::stoul(input.build_id.substr(0, 6), nullptr, 16) % 100;
  return text + std::string(hundredths < 10 ? "0" : "") + std::to_string(hundredths);
}

/// The ISO 9660 file system as a folder; xorriso follows the links to the large files.
fs::path lay_out(const MediaInput& input) {
  fs::path root = input.scratch / "iso";
  lifeboat::create_directories(root / "boot" / "grub");
  lifeboat::create_directories(root / "lifeboat");
  fs::create_symlink(fs::absolute(input.kernel), root / "boot" / "vmlinuz");
  fs::create_symlink(fs::absolute(input.root), root / fs::path(contract::root_on_medium_path).relative_path());
  write_initrd(input, false, root / "boot" / "initrd.img");
  replace_file(root / "boot" / "grub" / "grub.cfg", grub_menu(input.title, input.kernel_arguments));
  replace_file(root / fs::path(arguments_place_path).relative_path(), make_arguments_place(""));
  write_grub_bios_image(input.loaders.grub_pc, root / "boot" / "grub" / "bios.img");
  return root;
}

}  // namespace

void write_hybrid(const MediaInput& input, const fs::path& file) {
  const fs::path root = lay_out(input);
  const fs::path esp = input.scratch / "esp.img";
  write_esp(input, input.scratch, esp);
  const fs::path injection = input.scratch / "injection.img";
  write_injection_partition(input, input.scratch, injection);
  const std::string date = volume_date(input);
  run_checked(
      {.argv = {"xorriso", "-as", "mkisofs", "-quiet", "-follow-links", "-rational-rock", "-volid", "LIFEBOAT", "-A",
                contract::medium_mark(input.build_id), "--modification-date=" + date, "--set_all_file_dates",
                "=" + std::to_string(input.time), "--gpt_disk_guid", make_guid(input.build_id),
                // as a disk
                "--grub2-mbr", (input.loaders.grub_pc / "boot_hybrid.img").string(), "-partition_offset", "16",
                "--mbr-force-bootable", "-appended_part_as_gpt", "-iso_mbr_part_type", linux_type, "-append_partition",
                "2", esp_type, esp.string(), "-append_partition", std::to_string(contract::injection_partition),
                linux_type, injection.string(),
                // as a CD under BIOS
                "-c", "boot/boot.cat", "-b", "boot/grub/bios.img", "-no-emul-boot", "-boot-load-size", "4",
                "-boot-info-table", "--grub2-boot-info",
                // as a CD under EFI
                "-eltorito-alt-boot", "-e", "--interval:appended_partition_2:all::", "-no-emul-boot",
                //
                "-output", file.string(), root.string()},
       .needed_for = "writing the hybrid image",
       .environment = {{"SOURCE_DATE_EPOCH", std::to_string(input.time)}},
       .timeout = longest_writing});
  fs::remove_all(root);
  fs::remove_all(input.scratch / "esp");
  fs::remove(esp);
  fs::remove(injection);
}

}  // namespace lifeboat
