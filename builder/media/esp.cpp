#include "builder/media/esp.hpp"

#include <chrono>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/media/grub.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kibibyte = 1024;
constexpr std::uint64_t mebibyte = 1024 * kibibyte;
constexpr const char* esp_purpose = "making the EFI system partition";

/// FAT16 wants 4,085 clusters of 512 bytes at least; then what the files take, and tables.
std::uint64_t size_for(std::uint64_t content) {
  const std::uint64_t wanted = std::max(content + content / 64 + 256 * kibibyte, 3 * mebibyte);
  return (wanted + mebibyte / 4 - 1) / (mebibyte / 4) * (mebibyte / 4);
}

void set_time(const fs::path& file, std::int64_t time) {
  using namespace std::chrono;
  fs::last_write_time(file, file_clock::from_sys(sys_seconds(seconds(time))));
}

/// mtools takes files' times over only with -m, and makes folders with the time of now unless they are copied.
fs::path lay_out(const MediaInput& input, const fs::path& scratch) {
  const fs::path root = scratch / "esp";
  lifeboat::create_directories(root / "EFI" / "BOOT");
  lifeboat::create_directories(root / "boot" / "grub");
  fs::copy_file(input.loaders.shim, root / "EFI" / "BOOT" / "BOOTX64.EFI");
  fs::copy_file(input.loaders.grub_efi, root / "EFI" / "BOOT" / "grubx64.efi");
  replace_file(root / "boot" / "grub" / "grub.cfg", grub_esp_menu());
  for (const auto& entry : fs::recursive_directory_iterator(root)) set_time(entry.path(), input.time);
  return root;
}

std::uint64_t content_of(const fs::path& root) {
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (entry.is_regular_file()) bytes += entry.file_size();
  return bytes;
}

/// One by one: the order of a folder's entries is then ours, and not that of the host's file system.
void copy_in(const fs::path& root, const fs::path& image, std::int64_t time) {
  const std::map<std::string, std::string> clock{{"SOURCE_DATE_EPOCH", std::to_string(time)}};
  for (const char* folder : {"EFI", "EFI/BOOT", "boot", "boot/grub"})
    run_checked({.argv = {"mmd", "-i", image.string(), std::string("::/") + folder},
                 .needed_for = esp_purpose,
                 .environment = clock});
  for (const char* file : {"EFI/BOOT/BOOTX64.EFI", "EFI/BOOT/grubx64.efi", "boot/grub/grub.cfg"})
    run_checked({.argv = {"mcopy", "-m", "-i", image.string(), (root / file).string(), std::string("::/") + file},
                 .needed_for = esp_purpose,
                 .environment = clock});
}

}  // namespace

void write_esp(const MediaInput& input, const fs::path& scratch, const fs::path& file) {
  const fs::path root = lay_out(input, scratch);
  replace_file(file, "");
  fs::resize_file(file, size_for(content_of(root)));
  run_checked({.argv = {"mkfs.vfat", "--invariant", "-F", "16", "-s", "1", "-n", "LIFEBOAT", "-i",
                        input.build_id.substr(0, 8), file.string()},
               .needed_for = esp_purpose});
  copy_in(root, file, input.time);
}

}  // namespace lifeboat
