#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "init/disk/as_found.hpp"
#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

struct DiscoverOptions {
  std::string sysfs_root = "/sys";  ///< a recorded tree in tests
  std::string device_root = "/dev";
  /// Kernel name of the whole disk that the rescue system was started from, found by its build id; empty for netboot.
  std::string own_disk;
  bool own_disk_is_guess = false;  ///< it may be a copy of the one that was started
  /// Our own build id: a disk that carries it and is not the own one is a copy of the rescue medium.
  std::string build_id;
  /// What the person named, "vda", "/dev/vda1": of clones these are meant, the first before the others.
  std::vector<std::string> named = {};
  std::chrono::milliseconds disk_deadline{10'000};  ///< for each disk alone
  std::size_t at_once = 4;
  bool in_background = false;                 ///< whoever logs in meanwhile goes before those that read disks
  std::chrono::milliseconds patience{3'000};  ///< one that takes longer is none of those any more
  /// Kernel names of disks that did not answer when they were found: no longer than `patience` is spent on each again.
  std::vector<std::string> unanswered = {};
  std::chrono::milliseconds deadline{45'000};         ///< for all of them
  std::chrono::milliseconds layers_deadline{12'000};  ///< then for RAIDs and opened devices; again for volumes

  std::chrono::milliseconds limit_of(const std::string& disk) const {
    return std::ranges::find(unanswered, disk) == unanswered.end() ? disk_deadline : std::min(disk_deadline, patience);
  }
};

/// Looks at every whole disk and chooses the original. Writes to no disk: devices are opened O_RDONLY alone, and a file
/// system that looks like a root is mounted read-only without recovery, in a mount namespace of the child that looks.
/// Blocks, but never longer than options.deadline; a disk that does not answer costs its own time only.
/// Its event loop reaps every child of the process: call it in one that has no other (the boot calls it in a worker).
/// Where `found` is given, it gets what each disk was like before anybody looked inside. `early` gets the report
/// without the disks that take long, once all others have answered; it is not called where all of them do.
DiskReport discover_disks(const DiscoverOptions& options, AsFound* found = nullptr,
                          const std::function<void(const DiskReport&)>& early = nullptr);

}  // namespace lifeboat::init
