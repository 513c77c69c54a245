#pragma once
#include <string>
#include <string_view>

#include "init/disk/disk_report.hpp"
#include "init/rescue/session.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// One mount of the original's.
struct MountWish {
  std::string device;        ///< "/dev/vda1"
  std::string type;          ///< libblkid's name: "ext4", "vfat"
  std::string subvolume;     ///< of a btrfs: "subvol=@", "subvolid=256"; empty: its default
  std::string more_devices;  ///< of a btrfs of several: "device=/dev/vdb,device=/dev/vdc"
  bool write = false;
};

/// The file system's own options for it: nothing is replayed or repaired by a mount for reading.
std::string mount_options(const MountWish& wish);

/// "subvol=@home" among the options of an fstab's line; empty: none.
std::string subvolume_option(std::string_view options);

/// Mounts it on the folder (opened with O_PATH, at `point`), noted in the session first. No device files, and for
/// reading no time stamps.
Status mount_device(const MountWish& wish, const Fd& folder, const std::string& point, Session& session);

}  // namespace lifeboat::init
