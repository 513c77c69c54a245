#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "init/disk/disk_report.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// "user@host:path", "host::module", "rsync://host/path": another machine's, as rsync sees it.
bool is_remote(std::string_view place);

/// Files with all that belongs to them: owners by number, hard links, ACLs, extended attributes.
std::vector<std::string> rsync_words(const std::string& tool, const std::string& source, const std::string& target);

/// What rsync's exit status means, in words; `partly`: the rest was copied.
struct RsyncEnd {
  std::string text;
  bool partly = false;
};
RsyncEnd judge_rsync(int status);

/// A copy of a whole device, as ddrescue makes it.
struct DeviceCopy {
  std::string source;          ///< "/dev/vda"
  std::string target;          ///< a file, or a device
  std::string map;             ///< ddrescue's own notes: with them it goes on where it was
  bool to_device = false;      ///< the target is one
  std::uint64_t sector = 512;  ///< the source's, in bytes: what can be read alone
};
std::vector<std::string> ddrescue_words(const std::string& tool, const DeviceCopy& copy);

/// What ddrescue's map file says, in bytes.
struct RescueMap {
  std::uint64_t copied = 0;
  std::uint64_t bad = 0;        ///< could not be read
  std::uint64_t bad_areas = 0;  ///< in so many places
  std::uint64_t left = 0;       ///< not tried, or not to the end
  bool operator==(const RescueMap&) const = default;
  std::uint64_t size() const { return copied + bad + left; }
};
/// A Failure: it is no map, or its blocks do not follow each other.
Result<RescueMap> parse_rescue_map(std::string_view text);

/// The disks that the original's data lie on, by kernel name: its own, and those that form a RAID or volume group with
/// it. Never a target.
std::vector<std::string> disks_of_original(const DiskReport& report);

}  // namespace lifeboat::init
