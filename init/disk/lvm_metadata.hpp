#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// A part of a segment: extents of a physical volume, or of another logical volume.
struct LvmArea {
  std::string on;  ///< "pv0", "root_rimage_0": the metadata's own names
  std::uint64_t extent = 0;
  bool operator==(const LvmArea&) const = default;
};

struct LvmSegment {
  std::uint64_t start = 0, count = 0;  ///< extents of the volume
  std::string type;                    ///< "striped" (linear, too), "raid1", "thin", "thin-pool", "cache", "snapshot"
  std::uint64_t stripe_size = 0;       ///< bytes
  std::vector<LvmArea> areas;          ///< of "striped"; of a RAID its images alone
  std::vector<std::string> needs;      ///< other volumes it cannot do without: its pool, its origin, its metadata
  bool operator==(const LvmSegment&) const = default;
};

struct LvmVolume {
  std::string name;
  std::string uuid;
  bool visible = false;
  std::vector<LvmSegment> segments;
  bool operator==(const LvmVolume&) const = default;
};

struct LvmPhysical {
  std::string name;  ///< in the text: "pv0"
  std::string uuid;
  std::uint64_t size = 0;   ///< bytes of its device
  std::uint64_t start = 0;  ///< bytes: where its first extent is
  std::uint64_t extents = 0;
  bool operator==(const LvmPhysical&) const = default;
};

/// A volume group as its metadata text describes it; every name escaped (printable()).
struct LvmGroup {
  std::string name;
  std::string uuid;
  std::uint64_t version = 0;      ///< LVM's seqno: it grows with each change
  std::uint64_t extent_size = 0;  ///< bytes
  std::vector<LvmPhysical> physical;
  std::vector<LvmVolume> volumes;
  bool operator==(const LvmGroup&) const = default;
};

/// What a physical volume bears.
struct LvmLabel {
  std::string uuid;               ///< its own
  std::optional<LvmGroup> group;  ///< nothing: it belongs to none, or bears no metadata itself, or see `problem`
  std::string problem;            ///< "its metadata's checksum is wrong"
  bool operator==(const LvmLabel&) const = default;
};

Result<LvmGroup> parse_lvm_group(std::string_view text);

/// LVM's own CRC: the usual polynomial, another beginning, no inversion.
std::uint32_t lvm_checksum(std::string_view bytes);

/// The label in the first four sectors of [start, start + size), and the newest text that it leads to. Nothing: no
/// label whose checksum is right.
std::optional<LvmLabel> read_lvm_label(const Fd& device, std::uint64_t start, std::uint64_t size);

}  // namespace lifeboat::init
