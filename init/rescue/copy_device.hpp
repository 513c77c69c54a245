#pragma once
#include <string>

#include "init/rescue/copy_end.hpp"
#include "init/rescue/writable_meanwhile.hpp"

namespace lifeboat::init {

/// "vda" and "/dev/vda" -> "/dev/vda", links followed; empty: it is no device. A file of that name in the folder where
/// the person is comes first.
std::string find_device(const std::string& word);

/// Copies the device `wish.source` with ddrescue to a file or a device. Returns the exit status.
int copy_device(const CopyWish& wish, const WriteProtection& protection = {lift_protection, restore_protection});

}  // namespace lifeboat::init
