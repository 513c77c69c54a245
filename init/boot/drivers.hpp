#pragma once
#include <set>
#include <string>
#include <vector>

#include "init/boot/machine.hpp"

namespace lifeboat::init {

struct DriverRequest {
  std::vector<std::string> wanted = {};    ///< modules by name; one that is missing is a problem
  std::vector<std::string> optional = {};  ///< one that is missing is none
  std::set<std::string> aliases = {};      ///< of devices; empty: of all devices there are
};

/// Loads modules in a worker (a driver may hang on its device), from the modules of the present root. While one worker
/// loads, machine.loading_drivers is set; aliases that came meanwhile follow when it has ended.
void start_loading_drivers(Machine& machine, DriverRequest request);

/// A device came that asks for a driver.
void want_driver(Machine& machine, const std::string& alias);

}  // namespace lifeboat::init
