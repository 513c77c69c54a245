#include "init/disk/file_systems.hpp"

#include <algorithm>
#include <iterator>

namespace lifeboat::init {
namespace {

constexpr std::string_view plain_command = "mount -o ro %d /mnt";
constexpr std::string_view device_command = "rescue mount %n";  // it knows what each kind needs to stay as it is
constexpr std::string_view rescue_command = "rescue mount";     // it opens what lies in layers, by UUID, read-only

constexpr FileSystemKind kinds[] = {
    {"ext4", "ext4", "ext4", "noload", device_command},
    {"ext3", "ext3", "ext4", "noload", device_command},  // ext4's driver reads all three
    {"ext2", "ext2", "ext4", "noload", device_command},
    {"xfs", "xfs", "xfs", "norecovery,nouuid", device_command},
    {"btrfs", "btrfs", "btrfs", "rescue=nologreplay", device_command},
    {"ntfs", "NTFS", "", "", "mount -t ntfs-3g -o ro %d /mnt"},
    {"vfat", "FAT", "vfat", "", plain_command},  // what is mounted read-only writes no dirty mark
    {"exfat", "exFAT", "", "", plain_command},
    {"iso9660", "ISO 9660", "", "", plain_command},
    {"udf", "UDF", "", "", plain_command},
    {"squashfs", "squashfs", "", "", plain_command},
    {"f2fs", "f2fs", "", "", "mount -o ro,norecovery %d /mnt"},
    {"jfs", "jfs", "", "", plain_command},
    {"zfs_member", "ZFS, part of a pool; this image has no driver for it", "", "", ""},
    {"bcachefs", "bcachefs; this image has no driver for it", "", "", ""},
    {"reiserfs", "ReiserFS", "", "", ""},
    {"reiser4", "Reiser4", "", "", ""},
    {"hfsplus", "HFS+", "", "", ""},
    {"apfs", "APFS", "", "", ""},
    {"ufs", "UFS", "", "", ""},
    {"VMFS", "VMware VMFS", "", "", ""},
    {"VMFS_volume_member", "VMware VMFS, part of a volume", "", "", ""},
    {"mpath_member", "a path of a multipath device: left alone", "", "", ""},
    {"drbd", "DRBD, a copy kept over the network: left alone", "", "", ""},
    {"bcache", "bcache", "", "", ""},
    {"swsuspend", "swap with a hibernated system", "", "", ""},
    {"LVM2_member", "LVM physical volume", "", "", rescue_command},
    {"linux_raid_member", "Linux RAID member", "", "", rescue_command},
    {"crypto_LUKS", "LUKS, encrypted", "", "", rescue_command},
    {"BitLocker", "BitLocker, encrypted", "", "", "cryptsetup open --type bitlk --readonly %d open_%n"},
};

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

}  // namespace

const FileSystemKind* find_file_system_kind(std::string_view type) {
  const auto* found =
      std::find_if(std::begin(kinds), std::end(kinds), [type](const auto& kind) { return kind.type == type; });
  return found == std::end(kinds) ? nullptr : found;
}

std::string next_command(const FileSystemKind& kind, std::string_view device) {
  std::string command(kind.command);
  replace_all(command, "%d", device);
  replace_all(command, "%n", device.substr(device.rfind('/') + 1));
  return command;
}

}  // namespace lifeboat::init
