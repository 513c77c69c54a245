#pragma once
#include <cstdint>

#include "init/disk/disk_report.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// Reads an NTFS volume's own records, without mounting it: content.system where its root has a folder "Windows", named
/// as its registry names it; content.boot where a boot store is; content.care where it is marked dirty or hibernated.
/// What does not read, or contradicts itself, adds nothing.
void look_into_ntfs(const Fd& device, std::uint64_t start, Content& content);

}  // namespace lifeboat::init
