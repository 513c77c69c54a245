#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lifeboat::contract {

/// Where the builder leaves the boot configuration in the initramfs.
inline constexpr std::string_view boot_configuration_path = "/etc/lifeboat/boot.conf";
/// The root squashfs, where it lies in the initramfs itself (media `netboot` and `uki`).
inline constexpr std::string_view root_in_initramfs_path = "/lifeboat.squashfs";
/// The init binary in the running root, where the init copies itself from the initramfs; `rescue` and the helpers are
/// links to it.
inline constexpr std::string_view init_path = "/usr/lib/lifeboat/lifeboat-init";

/// What the builder tells the init: lines "key=value", unknown keys passed over, `#` comments.
struct BootConfiguration {
  std::string build_id;         ///< 32 lower-case hex digits; also on the kernel command line: lifeboat.build_id=
  std::string name;             ///< "debian-12"
  std::string title;            ///< "Debian 12 (bookworm) rescue system"
  std::string kernel;           ///< uname -r of the modules in the image
  std::uint64_t root_size = 0;  ///< bytes of the squashfs
  std::string root_sha256;
};

std::string to_text(const BootConfiguration& configuration);
/// Nothing when a key is missing or malformed.
std::optional<BootConfiguration> parse_boot_configuration(std::string_view text);

}  // namespace lifeboat::contract
