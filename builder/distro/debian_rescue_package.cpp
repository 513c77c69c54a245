#include "builder/distro/debian_rescue_package.hpp"

namespace lifeboat {

std::string rescue_package_stanza(const Recipe& recipe) {
  std::string provides;
  for (const std::string& name : recipe.provided) provides += (provides.empty() ? "" : ", ") + name + " (= 9999:0)";
  return "Package: " + std::string(rescue_package_name) +
         "\n"
         "Status: install ok installed\n"
         "Priority: required\n"
         "Section: admin\n"
         "Maintainer: Lifeboat <root@localhost>\n"
         "Architecture: all\n"
         "Multi-Arch: foreign\n"
         "Version: 1\n" +
         (provides.empty() ? "" : "Provides: " + provides + "\n") +
         "Description: what the rescue image itself stands in for\n"
         " Made by lifeboat when it built the image " +
         recipe.name + ".\n\n";
}

}  // namespace lifeboat
