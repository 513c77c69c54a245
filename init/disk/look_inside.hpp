#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "init/disk/disk_report.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Where the Linux of a mounted file system has its root: btrfs has it in a subvolume, often. A Failure: no Linux
/// there.
Result<Fd> open_linux_root(const Fd& mounted, std::string_view type);

/// Has the kernel load the driver of its file system, where it is one that is looked into: that may take seconds.
void load_file_system_of(const Content& content);

/// Fills in content's next command, and where its kind may hold an operating system looks for one: mounted read-only
/// without recovery just as long as it takes, attached nowhere, with the block device made read-only meanwhile.
/// `device` is the whole disk, `start` the content's first byte on it, `path` the content's own device.
/// What does not work becomes a line of content.care.
void look_inside(const Fd& device, std::uint64_t start, const std::string& path, Content& content);

}  // namespace lifeboat::init
