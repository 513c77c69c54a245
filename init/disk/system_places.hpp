#pragma once
#include <map>
#include <string>
#include <vector>

#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

/// Where an operating system was seen.
struct SystemPlace {
  RootPlace root;
  const Content* content = nullptr;
  std::vector<std::string> disks;  ///< names of those that it lies on
  std::string words;               ///< "the RAID server:0", "the volume vg/root"; empty: a disk or a partition
};

/// Which disks hold operating systems, and which belong together. Points into the report.
class Systems {
 public:
  explicit Systems(const DiskReport& report);

  bool on(const Disk& disk) const { return best_on(disk) != nullptr; }
  /// The system that is the disk's root most likely: Linux, and one whose fstab names the place that it was found at,
  /// before others. nullptr: there is none.
  const SystemPlace* best_on(const Disk& disk) const;
  /// One RAID or volume group lies on both.
  bool are_joined(const Disk& one, const Disk& other) const { return part_of(one.name) == part_of(other.name); }

 private:
  void join(const std::vector<std::string>& disks);
  std::string part_of(const std::string& disk) const;
  std::vector<SystemPlace> places_;
  std::map<std::string, std::string> joined_;  ///< a disk's name -> the first one that it belongs to
};

/// What of the disk may hide an operating system: its own words ("it is encrypted, and ..."); empty: nothing does. What
/// was looked into hides nothing.
std::string hiding_words(const DiskReport& report, const Disk& disk);

}  // namespace lifeboat::init
