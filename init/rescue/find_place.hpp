#pragma once
#include <string>

#include "init/disk/disk_report.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// What a person means: "vda1", "/dev/vda1", a whole disk, "vg/root", "/dev/mapper/...", an array by its UUID, name or
/// device; without a word the original's root. Of what holds others (a disk with partitions, a physical volume, a
/// member of a RAID) the root that lies there; what is encrypted stands for itself. A Failure lists what could be
/// meant.
Result<RootPlace> find_place(const DiskReport& report, const std::string& word);

/// The root behind a place that is known, now that there is more to see: a device that was opened may hold LVM.
Result<RootPlace> narrow_place(const DiskReport& report, const RootPlace& place);

}  // namespace lifeboat::init
