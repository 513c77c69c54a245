#pragma once
#include <string>

#include "init/boot/machine.hpp"

namespace lifeboat::init {

/// The root image, at a path that stays within reach of the loop device on it.
struct RootImage {
  std::string file;
  std::string origin;  ///< for people: "the initramfs", "the rescue medium /dev/sr0 (QEMU DVD-ROM, 114 MiB)"
};

/// In the initramfs, else from the address on the kernel command line, else on our own medium. Fills in report.medium.
Result<RootImage> find_root_image(Machine& machine);

/// Every block of the image is checked by dm-verity whenever it is read; mounts it at `folder`. A damaged one says so
/// in machine.emergency.
Status mount_root_image(Machine& machine, const RootImage& image, const std::string& folder);

}  // namespace lifeboat::init
