#pragma once
#include <string_view>

#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

/// What is known of the medium that the rescue system was started from.
struct OwnMedium {
  std::string_view disk = {};      ///< its kernel name; empty: no disk of the machine is it (netboot)
  std::string_view build_id = {};  ///< what is marked with it on other disks are copies; empty: not known
  bool guess = false;              ///< firmware did not tell it from its copies
};

/// cloud-init's labels for the two kinds of drives. Ironic puts such a partition on the original disk itself, so a disk
/// is a config drive only where it holds nothing else.
bool has_config_label(const Content& content);

/// Gives each disk its role and chooses the original: the disk that is left when the rescue system's own, config
/// drives, swap, ephemeral disks and CDs are put aside; of several, the first by position that holds an operating
/// system. `report.disks` come by position. Labels and UUIDs are never compared between disks: the original may be a
/// clone of the rescue medium. A copy of the medium (its mark says it) is the original only
/// where nothing else can be it.
void choose_original(DiskReport& report, const OwnMedium& own);

}  // namespace lifeboat::init
