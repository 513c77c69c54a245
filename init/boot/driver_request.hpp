#pragma once
#include <set>
#include <string>
#include <vector>

namespace lifeboat::init {

struct DriverRequest {
  std::string folder = "/lib/modules";     ///< holds a folder per kernel release
  std::vector<std::string> wanted = {};    ///< modules by name, first; one that is missing is a problem
  std::vector<std::string> optional = {};  ///< by name, with those; that one is missing says lifeboat.debug
  std::vector<std::string> beside = {};    ///< with all_devices: by name, beside their drivers; likewise
  std::set<std::string> aliases = {};      ///< of devices
  bool all_devices = false;                ///< the aliases of all devices there are, and of those that come up by it

  bool operator==(const DriverRequest&) const = default;
};

}  // namespace lifeboat::init
