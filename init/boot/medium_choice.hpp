#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/boot/place.hpp"

namespace lifeboat::init {

/// What firmware says of how the machine was started.
struct BootEvidence {
  std::optional<Place> boot_option;  ///< UEFI: of the entry that was started (BootCurrent)
  std::string boot_order;            ///< QEMU's list of what firmware was to try, a line each
};

/// One device that carries our build id.
struct MediumCandidate {
  std::string name;            ///< "sr0"
  std::optional<Place> place;  ///< nothing: not on a PCI bus
  bool optical = false;
};

struct MediumChoice {
  std::size_t index = 0;
  std::string evidence;  ///< "firmware started this one (BootCurrent)"; empty: a guess
};

/// Which of identical media the machine was started from, where firmware says it.
std::optional<MediumChoice> choose_by_evidence(const std::vector<MediumCandidate>& candidates,
                                               const BootEvidence& evidence);
/// Whether firmware names, before any candidate, a disk that is not among `known` (the places of all disks seen so far,
/// candidates too): a USB stick that is still on its way may be the one that was started.
bool names_one_on_its_way(const std::vector<MediumCandidate>& candidates, const std::vector<Place>& known,
                          const BootEvidence& evidence);
/// Else a CD before a disk, then the order given: a guess, without evidence. `candidates` is not empty.
MediumChoice choose_medium(const std::vector<MediumCandidate>& candidates, const BootEvidence& evidence);

/// From efivarfs (which is mounted, read-only, at a folder of its own for as long as it takes) and qemu_fw_cfg's sysfs.
/// Nothing there is no error. May hang on firmware: call it in a worker.
std::string read_boot_evidence();
BootEvidence parse_boot_evidence(std::string_view text);

}  // namespace lifeboat::init
