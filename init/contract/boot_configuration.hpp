#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "init/contract/deadline.hpp"

namespace lifeboat::contract {

/// Where the builder leaves the boot configuration in the initramfs.
inline constexpr std::string_view boot_configuration_path = "/etc/lifeboat/boot.conf";
/// The root image, where it lies in the initramfs itself (media `netboot` and `uki`).
inline constexpr std::string_view root_in_initramfs_path = "/lifeboat.squashfs";
/// The root image on a medium of its own (media `iso`, `raw`, `qcow2`): a file of its ISO 9660 file system.
inline constexpr std::string_view root_on_medium_path = "/lifeboat/root.squashfs";
/// The init binary in the running root, where the init copies itself from the initramfs; `rescue` and the helpers are
/// links to it.
inline constexpr std::string_view init_path = "/usr/lib/lifeboat/lifeboat-init";

/// What the builder tells the init: lines "key=value", unknown keys passed over, `#` comments.
struct BootConfiguration {
  std::string build_id;         ///< 32 lower-case hex digits; also on the kernel command line: lifeboat.build_id=
  std::string name;             ///< "debian-12"
  std::string title;            ///< "Debian 12 (bookworm) rescue system"
  std::string kernel;           ///< uname -r of the modules in the image
  std::uint64_t root_size = 0;  ///< bytes of the root image: squashfs, zeros up to a whole block, dm-verity's hashes
  std::string root_sha256;      ///< of the whole root image
  std::uint64_t verity_offset = 0;  ///< bytes in the root image before dm-verity's superblock; whole blocks
  std::string verity_root_hash;  ///< 64 hex digits: dm-verity format 1, SHA-256, data and hash blocks of verity_block
  std::string verity_salt;       ///< 64 hex digits
  std::uint64_t memory_from_medium = 0;     ///< MiB that a login takes where the root stays on the medium
  std::uint64_t memory_from_initramfs = 0;  ///< MiB that a login takes where the root image lies in memory
  std::string deadline = "none";            ///< of a session where no source has one: a duration, or "none"
  AtDeadline at_deadline = AtDeadline::stay;
  bool random_password = false;     ///< where no source lets anybody in: shown once on the consoles
  bool original_host_keys = false;  ///< sshd's host key is that of the system on the original disk
  bool original_network = false;    ///< where nothing else brings the network up: as that system does
  std::string network_config = {};  ///< NoCloud's, for where no source has one; in base64 in the text
};

/// Bytes; of data and of hashes.
inline constexpr std::uint64_t verity_block = 4096;

std::string to_text(const BootConfiguration& configuration);
/// Nothing when a key is missing or malformed.
std::optional<BootConfiguration> parse_boot_configuration(std::string_view text);

}  // namespace lifeboat::contract
