#pragma once
#include "init/boot/machine.hpp"
#include "init/boot/root_image.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

// Act 1: from the kernel's hand-over to the rescue root, which runs from memory.

/// /proc, /sys, /dev, /run and what lies in them. First of all: without them nothing can be said or done.
Status mount_pseudo_file_systems();
/// Kernel command line and boot.conf, into the machine.
void read_what_was_asked(Machine& machine);
/// Before any disk driver looks (init/sys/ide_channels.hpp).
void wake_ide_channels(Machine& machine);
/// What mounting the root takes, and the drivers of SCSI disks and CDs, which come before any controller's. The
/// devices' drivers follow in the root, beside the rest.
void load_root_modules(Machine& machine);
/// busybox and the names of the init, at paths that hold in both acts.
Status keep_helpers();
/// The root image's files, an overlay in memory over them, all made the root of the machine.
Status enter_root(Machine& machine, const RootImage& image);

}  // namespace lifeboat::init
