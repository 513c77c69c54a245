#pragma once
#include <string>

namespace lifeboat::init {

/// Of a module that is a file. Its folder in /sys is there before its init function has registered what it brings: a
/// file system, a driver, files of its own.
enum class ModuleState { none, begun, live };

/// `folder`: the kernel's of all modules.
ModuleState module_state(const std::string& name, const std::string& folder = "/sys/module");

}  // namespace lifeboat::init
