#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/disk/disk_report.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

struct DiscoverOptions;

inline constexpr const char* as_found_file = "/run/lifeboat/as-found.json";

/// Two ends of a disk or partition, where partition tables and superblocks are.
struct Ends {
  std::string first;  ///< a digest, 64 hexadecimal digits; empty: could not be read
  std::string last;
  bool operator==(const Ends&) const = default;
};

struct PartitionAsFound {
  std::string name;  ///< the kernel's, "vda1"; of one that the kernel did not make "vda (1)"
  std::uint64_t start = 0;
  std::uint64_t size = 0;
  std::string uuid;          ///< PARTUUID
  std::string content_uuid;  ///< of the file system
  Ends ends;                 ///< 128 KiB each
  bool operator==(const PartitionAsFound&) const = default;
};

/// What the kernel counted since it knows the disk: /sys/block/X/stat. Flushes do not count.
struct WriteCounters {
  std::uint64_t writes = 0;
  std::uint64_t sectors = 0;   ///< of 512 bytes
  std::uint64_t discards = 0;  ///< trims
  bool operator==(const WriteCounters&) const = default;
};

struct DiskAsFound {
  std::string name;            ///< the kernel's, "vda"
  std::uint64_t sequence = 0;  ///< the kernel's number of this attachment (diskseq); 0: it has none (before Linux 5.15)
  std::vector<std::uint64_t> earlier_sequences;  ///< of one that was away and came back
  std::string serial;
  std::uint64_t size = 0;  ///< bytes
  std::string table_id;
  std::string content_uuid;  ///< of what fills the whole disk
  Ends ends;                 ///< the first MiB, the last 256 KiB
  std::vector<PartitionAsFound> partitions;
  std::optional<WriteCounters> counters;  ///< nothing: the kernel does not tell
  std::string problem;                    ///< why it could not be looked at: "reading /dev/vdb: no answer within 10 s"
  bool operator==(const DiskAsFound&) const = default;
};

using AsFound = std::vector<DiskAsFound>;

/// Reads both ends of the disk and of each of its partitions, and the counters. Blocks as long as the disk does.
DiskAsFound fingerprint(const Disk& disk, const std::string& sysfs_root);

/// The problem of one that is gone.
inline constexpr const char* gone_words = "it is not there any more";

/// Of a disk that does not answer: what is known without reading it.
DiskAsFound fingerprint_unread(const Disk& disk, const std::string& sysfs_root, const std::string& problem);

/// The same of these disks as they are now, each in a worker of its own within its options.limit_of(); its event loop
/// reaps every child of the process. One that is gone, or another of its name, has a problem.
AsFound fingerprint_again(const AsFound& then, const DiscoverOptions& options);

/// One clause each: "12 writes, 96 sectors since it was found", "vda1: its end changed", "its last 256 KiB cannot be
/// read any more".
struct Comparison {
  std::vector<std::string> changes;
  std::vector<std::string> unknown;  ///< what could not be compared
};

/// Of one disk: as found where there are no changes, in all that is not unknown.
Comparison compare(const DiskAsFound& then, const DiskAsFound& now);

/// The kernel's names of those that did not answer at all.
std::vector<std::string> list_unanswered(const AsFound& found);

/// Adds the disks that are not known yet; a known one stays as it was, also one that was away in between. The last row
/// of a name is the disk that has it now.
void add_new_disks(AsFound& known, const AsFound& later);

/// A JSON list on one line.
std::string to_json(const AsFound& found);
/// Nothing where the text is not what to_json writes.
std::optional<AsFound> as_found_from_json(std::string_view text);

/// What discovery recorded in the boot. A Failure: no such record, or it makes no sense.
Result<AsFound> read_as_found(const std::string& file = as_found_file);

/// Adds disks to the record, as add_new_disks() does: the boot and each `rescue` command may do so at the same time,
/// and none's disks are lost. Waits for whoever writes it just then, two seconds at most.
Status add_to_as_found(const AsFound& later, const std::string& file = as_found_file);

}  // namespace lifeboat::init
