#pragma once
#include <string>

#include "init/rescue/open_plan.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Has the kernel make a device for a partition that it has not found by itself: only a backup GPT names it. In memory
/// alone, nothing is written; the device is write-protected as its disk is.
Status add_partition_device(const OpenStep& step);

/// Takes it away again; one that is not there any more is fine.
Status remove_partition_device(const std::string& device, const std::string& disk);

}  // namespace lifeboat::init
