#include "init/sys/module_state.hpp"

#include <unistd.h>

#include "init/sys/folder.hpp"

namespace lifeboat::init {

ModuleState module_state(const std::string& name, const std::string& folder) {
  const std::string module = folder + "/" + name;
  if (::access(module.c_str(), F_OK) != 0) return ModuleState::none;
  return read_file(module + "/initstate", 16).value_or("") == "live\n" ? ModuleState::live : ModuleState::begun;
}

}  // namespace lifeboat::init
