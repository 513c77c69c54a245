#pragma once
#include <string>

#include "init/sys/result.hpp"

namespace lifeboat::init {

/// The absolute path of one of the image's programs. A Failure: the image has none of that name.
Result<std::string> find_tool(const std::string& name);

/// Until udev has dealt with the events that it has, some seconds at most. It opens a device whenever something about
/// it changes, and is nobody who uses it.
void await_udev();

}  // namespace lifeboat::init
