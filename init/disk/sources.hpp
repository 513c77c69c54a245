#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "init/disk/lvm_groups.hpp"
#include "init/disk/md_arrays.hpp"
#include "init/sys/device_mapper.hpp"

namespace lifeboat::init {

/// A part of an array or a volume: of one place, or in turn, a chunk of each.
struct Extent {
  std::uint64_t size = 0;   ///< bytes
  std::uint64_t chunk = 0;  ///< bytes; with one place it says nothing
  std::vector<MappedPlace> places;
  bool operator==(const Extent&) const = default;
};

/// Where the bytes of an array or a volume are.
struct LayerSource {
  std::vector<Extent> extents;      ///< one after the other; a device in them may itself be a key of LayerSources
  const RaidSet* parity = nullptr;  ///< instead of extents: a RAID of level 4, 5 or 6
  std::uint64_t size = 0;           ///< bytes
};

/// By what a physical volume's Member::device says: "raid:UUID". A device that has no row is one of the kernel's.
using LayerSources = std::map<std::string, LayerSource>;

/// Nothing: it is incomplete, being reshaped, or of a kind that is not read without the kernel's own driver.
std::optional<LayerSource> source_of(const RaidSet& set);
/// Of volumes that are linear or striped alone.
std::optional<LayerSource> source_of(const VolumeSet& set, const LvmVolume& volume);

/// Exactly `size` bytes at `offset`; where a RAID with parity lacks one member, its part is computed from the others.
std::optional<std::string> read_source(const LayerSources& sources, const LayerSource& source, std::uint64_t offset,
                                       std::size_t size);

/// The member of a RAID 4, 5 or 6 that has the data chunk `number`, the one with its parity, and where on each.
struct ParityPlace {
  std::size_t data = 0, parity = 0;
  std::size_t second = 0;    ///< the member with RAID 6's second parity; `parity` again in others
  std::uint64_t stripe = 0;  ///< chunks from where the members' data begin
};
std::optional<ParityPlace> parity_place(const RaidSuperblock& block, std::uint64_t number);

}  // namespace lifeboat::init
