#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "init/disk/disk_report.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// One device that has to be made out of others.
struct OpenStep {
  std::string kind;                   ///< as the session has it: "partition", "luks", "array", "volume"
  std::string name;                   ///< what it makes: "rescue-vda2", "/dev/md90", "vg/root"
  std::string path;                   ///< where that is to be found: "/dev/mapper/rescue-vda2"
  std::vector<std::string> devices;   ///< of what: "/dev/vda2"; of a volume the physical volumes of its group
  std::string id = {};                ///< UUID of the array or group; a partition's number
  bool degraded = false;              ///< an array that misses members
  bool barrier = false;               ///< a volume whose driver writes even when it is only read: thin, cache, RAID
  std::uint64_t start = 0, size = 0;  ///< of a partition that Linux made no device for, in bytes of its disk
  bool operator==(const OpenStep&) const = default;
};

/// What has to be done to reach a file system, the lowest layer first.
struct OpenPlan {
  std::vector<OpenStep> steps;
  std::string device = {};          ///< what there is in the end: "/dev/mapper/vg-root"
  bool look_again = false;          ///< it was encrypted: only then it can be said what it holds
  std::vector<std::string> bottom;  ///< the partitions and disks that it lies on: "/dev/vda2"
  std::string needs_writing = {};   ///< why it cannot be opened read-only; empty: it can
  std::string doubt = {};           ///< why parts of it may be a clone's, so that it is only read; empty: none are
  bool operator==(const OpenPlan&) const = default;
};

/// A Failure: members are missing, a firmware RAID, ...
Result<OpenPlan> plan_opening(const DiskReport& report, const RootPlace& place);

/// The partitions and disks below a device that is there: "/dev/vda2" below "/dev/mapper/vg-root". Empty: not known.
std::vector<std::string> devices_below(const DiskReport& report, const std::string& device);

/// Why it must not be mounted for writing ("it holds a hibernated system: ..."); empty: nothing speaks against it.
std::string why_not_write(const Content& content);

}  // namespace lifeboat::init
