#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "builder/base/progress.hpp"

namespace lifeboat {

/// The distribution's own boot loaders, as files on the host; empty where no medium of the build wants it.
struct BootLoaders {
  std::filesystem::path shim;      ///< EFI program, signed by whom firmware trusts
  std::filesystem::path grub_efi;  ///< EFI program, signed by whom shim trusts; takes its menu from (ESP)/boot/grub
  std::filesystem::path grub_pc;   ///< folder of GRUB's modules and images for BIOS: boot_hybrid.img, *.mod ...
  std::filesystem::path efi_stub;  ///< what a unified kernel image begins with
};

/// The operator's own key for Secure Boot; empty: nothing is signed.
struct SecureBootKey {
  std::filesystem::path key;          ///< private key, PEM
  std::filesystem::path certificate;  ///< X.509, PEM
};

/// What a medium is made of: files on the host, all made already.
struct MediaInput {
  const std::filesystem::path& kernel;                  ///< vmlinuz
  const std::filesystem::path& root;                    ///< the root image: squashfs with dm-verity's hashes
  const std::vector<std::filesystem::path>& initramfs;  ///< archives (initramfs.hpp) that find and mount it
  const BootLoaders& loaders;
  const SecureBootKey& secure_boot;
  const std::string& build_id;           ///< 32 hexadecimal digits; every id on a medium derives from it
  const std::string& title;              ///< "Debian 12 (bookworm) rescue system"
  const std::string& kernel_arguments;   ///< the whole kernel command line
  std::int64_t time;                     ///< of every file made, seconds since 1970
  const std::filesystem::path& folder;   ///< where the medium's files go
  const std::filesystem::path& scratch;  ///< a folder for files in between, the same for all media of a build
};

/// What a medium became.
struct MediumFiles {
  std::vector<std::string> names;  ///< in the folder
  std::uint64_t size = 0;          ///< bytes that one machine gets of it
};

/// What a medium takes from the distribution's boot loader packages.
enum class BootLoaderNeed : unsigned { none = 0, grub = 1, efi_stub = 2 };

/// Where the root image is while the rescue system runs: it decides how much memory that takes.
enum class RootPlace : unsigned {
  medium,      ///< stays there
  initramfs,   ///< in memory, out of an initrd
  efi_program  ///< the same, and firmware held the whole program beside it
};

/// One output form; a row of the table.
struct Medium {
  std::string_view name;  ///< as recipes say it: "netboot"
  BootLoaderNeed needs;
  RootPlace root;
  std::span<const std::string_view> tools;  ///< programs of the build host that shape its bytes: "xorriso"
  /// Writes the medium's files into input.folder.
  MediumFiles (*write)(const MediaInput& input, Progress::Step& step);
};

/// The explicit table of all media.
std::span<const Medium> media();
/// Throws Error with "did you mean".
const Medium& find_medium(std::string_view name);

/// netboot: `vmlinuz` and `initrd.img` with the root inside, for direct kernel boot, and `boot.ipxe` that loads them.
/// `boot-http.ipxe` loads `initrd-http.img`, which fetches `root.squashfs` itself and checks its digest.
MediumFiles write_netboot(const MediaInput& input, Progress::Step& step);
/// iso: `rescue.iso`, one image for CD, USB stick and disk, BIOS and EFI (hybrid.hpp).
MediumFiles write_iso(const MediaInput& input, Progress::Step& step);
/// raw: `rescue.raw`, the same bytes.
MediumFiles write_raw(const MediaInput& input, Progress::Step& step);
/// qcow2: `rescue.qcow2`, the same disk.
MediumFiles write_qcow2(const MediaInput& input, Progress::Step& step);

/// uki: `rescue.efi`, one EFI program with everything inside, signed with the operator's key where there is one.
MediumFiles write_uki(const MediaInput& input, Progress::Step& step);

}  // namespace lifeboat
