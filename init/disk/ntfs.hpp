#pragma once
#include <cstdint>

#include "init/disk/disk_report.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// Reads an NTFS volume's own records, without mounting it: content.system where its root has a folder "Windows",
/// content.care where the volume is marked dirty. What does not read, or contradicts itself, adds nothing.
void look_into_ntfs(const Fd& device, std::uint64_t start, Content& content);

}  // namespace lifeboat::init
