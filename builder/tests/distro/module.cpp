#include "builder/tests/distro/module.hpp"

#include <filesystem>

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"

namespace lifeboat {

std::string compile_module(const std::vector<std::string>& modinfo) {
  std::string source;
  int number = 0;
  for (const std::string& entry : modinfo)
    source += "static const char m" + std::to_string(number++) +
              "[] __attribute__((section(\".modinfo\"), used, aligned(1))) = \"" + entry + "\";\n";
  const TempDir folder(std::filesystem::temp_directory_path(), "lifeboat-module");
  const std::string object = (folder.path() / "module.ko").string();
  run_checked({.argv = {"cc", "-x", "c", "-c", "-o", object, "-"}, .input = source});
  return read_file(object);
}

}  // namespace lifeboat
