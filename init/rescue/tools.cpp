#include "init/rescue/tools.hpp"

#include <unistd.h>

#include "init/sys/program.hpp"

namespace lifeboat::init {

Result<std::string> find_tool(const std::string& name) {
  for (const char* folder : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"})
    if (const std::string path = folder + name; ::access(path.c_str(), X_OK) == 0) return path;
  return Failure{"this image has no program " + name + "\nhint: an image of the recipe's full size has it"};
}

void await_udev() {
  constexpr Milliseconds longest{8'000};
  if (const auto udevadm = find_tool("udevadm"))
    static_cast<void>(run_program({.argv = {*udevadm, "settle", "--timeout=5"}, .limit = longest}));
}

}  // namespace lifeboat::init
