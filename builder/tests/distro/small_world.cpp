#include "builder/tests/distro/small_world.hpp"

#include "builder/base/run.hpp"

namespace lifeboat {

FinishInput SmallWorld::input() const {
  return {.recipe = recipe, .packages = packages, .spool = spool, .time = time, .scratch = folder.path()};
}

void SmallWorld::add_file(const TreePath& path, std::string_view text, std::uint32_t mode) {
  tree.add(path, file_node(spool->append(text), mode));
}

void SmallWorld::add_package(std::string name) {
  UnpackedPackage unpacked;
  unpacked.package.name = std::move(name);
  packages.push_back(std::move(unpacked));
}

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
