#pragma once
#include "init/boot/machine.hpp"

namespace lifeboat::init {

/// Keeps the deadline that the sources give, or else the recipe's: the report, prompts and logins show it, every
/// terminal is warned before it, and at it disks are synced and unmounted, so that the platform's hard stop loses
/// nothing. May be called again when a source has said more.
void take_deadline(Machine& machine);

}  // namespace lifeboat::init
