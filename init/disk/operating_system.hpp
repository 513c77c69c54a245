#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "init/disk/disk_report.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// PRETTY_NAME of os-release(5) text, else NAME and VERSION; empty where it has neither.
std::string parse_os_release(std::string_view text);

/// The Linux whose root folder `root` is; nothing where it does not look like one.
std::optional<OperatingSystem> find_linux(const Fd& root);

}  // namespace lifeboat::init
