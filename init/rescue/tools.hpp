#pragma once
#include <string>

#include "init/sys/result.hpp"

namespace lifeboat::init {

/// The absolute path of one of the image's programs. A Failure: the image has none of that name.
Result<std::string> find_tool(const std::string& name);

}  // namespace lifeboat::init
