#pragma once
#include <string>
#include <vector>

#include "init/sys/result.hpp"

namespace lifeboat::init {

/// QEMU's machine `pc` has an IDE controller (PIIX3) whose channels only firmware enables, and EFI firmware enables
/// them only for what it boots from itself: Linux then passes the channels over without a word, and with them the
/// config drive that clouds put there. Enables them, before the driver looks, for QEMU's own PCI subsystem alone.
/// `devices`: /sys/bus/pci/devices. Yields the addresses of the controllers that it changed.
Result<std::vector<std::string>> enable_ide_channels(const std::string& devices = "/sys/bus/pci/devices");

}  // namespace lifeboat::init
