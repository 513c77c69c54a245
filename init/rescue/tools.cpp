#include "init/rescue/tools.hpp"

#include <unistd.h>

namespace lifeboat::init {

Result<std::string> find_tool(const std::string& name) {
  for (const char* folder : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"})
    if (const std::string path = folder + name; ::access(path.c_str(), X_OK) == 0) return path;
  return Failure{"this image has no program " + name + "\nhint: an image of the recipe's full size has it"};
}

}  // namespace lifeboat::init
