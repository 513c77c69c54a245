#pragma once
#include "init/boot/root_image.hpp"

namespace lifeboat::init {

/// Where the image lies in memory: a tmpfs of its own, of its size.
inline const std::string image_memory_folder = "/run/lifeboat/image";
inline const std::string image_memory_file = image_memory_folder + "/root.squashfs";
Status mount_image_memory(std::uint64_t image_size);

/// The size and SHA-256 of the file there. Where they are not what the build made, machine.emergency has both.
Status check_image_in_memory(Machine& machine, const std::string& what);

/// Copies the image from the mounted medium to memory, checks its SHA-256 on the way, and lets the medium go. Where
/// memory is too short for it, says so and leaves the image where it is. A Failure: the copy is not what the build
/// made.
Result<RootImage> copy_to_memory(Machine& machine, const RootImage& on_medium);

/// Fetches the image from report.medium.title (arguments.root_url) with DHCP and busybox's wget, and checks size and
/// SHA-256 before anything uses it. Bounded and tried again; what went wrong is in machine.emergency.
Result<RootImage> fetch_to_memory(Machine& machine);

}  // namespace lifeboat::init
