#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace lifeboat::qemu {

/// A disk image by name, made without root on first use and kept in the build folder (qemu-disks/). Attach a copy.
///   ext4-debian-11   GPT, one ext4 partition with os-release and fstab of a Debian 11
///   debian-12-broken GPT, a whole Debian 12 with GRUB for BIOS; its fstab keeps it in emergency mode
std::filesystem::path disk(const std::string& name);

/// The disks of one machine by its set's name, made in one boot of our own image on first use of any; attach copies.
///   xfs  btrfs-subvolumes  lvm-on-gpt  lvm-thin  raid1  raid1-degraded  raid5  luks2-lvm  boot-and-esp  mbr-logical
///   partitionless  gpt-broken-primary  ext4-dirty  xfs-dirty  half-written  windows  two-originals
/// and, without a boot: ext4-debian-11, empty, many (64 disks with a small ext4 each).
/// Each root has etc/rescue-probe, "probe of SET\n". make_disks.sh tells the rest.
std::vector<std::filesystem::path> disk_set(const std::string& name);

/// Opens the set luks2-lvm.
inline constexpr const char* luks_passphrase = "correct-horse-battery";

/// In the fstab of debian-12-broken: its root, and a file system that no device has.
inline constexpr const char* debian_root_uuid = "00003000-0000-4000-8000-000000000003";
inline constexpr const char* lost_uuid = "00003000-dead-4000-8000-000000000009";

/// 64 hexadecimal digits.
std::string sha256_of_file(const std::filesystem::path& file);

}  // namespace lifeboat::qemu
