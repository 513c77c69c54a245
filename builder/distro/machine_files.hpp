#pragma once
#include "builder/distro/maker.hpp"

namespace lifeboat {

/// The folders that every system has, with their modes, and the links of /var into /run.
void prepare_base_folders(Tree& tree);

/// What an installer would have written about this machine: names, locale, empty machine id, empty logs.
/// /etc/resolv.conf is there for the init to replace.
void write_machine_files(Maker& maker);

}  // namespace lifeboat
