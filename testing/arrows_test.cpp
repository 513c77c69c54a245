// The arrows of docs/architecture.md: a file includes only from its own folder and from the folders below it.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace {

using Arrows = std::map<std::string, std::set<std::string>>;

Arrows read_arrows(const fs::path& file) {
  Arrows arrows;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string folder, word;
    words >> folder >> word;
    for (arrows[folder]; words >> word;) arrows[folder].insert(word);
  }
  return arrows;
}

bool is_source(const fs::path& path) { return path.extension() == ".cpp" || path.extension() == ".hpp"; }

/// Every faulty include below `root` as "file: includes X", tests left out.
std::vector<std::string> upward_includes(const fs::path& root, const Arrows& arrows) {
  const std::regex include("^\\s*#\\s*include\\s*\"([^\"]+)\"");
  std::vector<std::string> faults;
  for (const char* top : {"builder", "init", "qemu-tests"}) {
    if (!fs::exists(root / top)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string file = fs::relative(entry.path(), root).string();
      if (!is_source(entry.path()) || file.find("/tests/") != std::string::npos) continue;
      const std::string folder = fs::path(file).parent_path().string();
      if (!arrows.contains(folder)) {
        faults.push_back(file + ": its folder is not in testing/arrows.txt");
        continue;
      }
      std::ifstream in(entry.path());
      std::smatch match;
      for (std::string line; std::getline(in, line);) {
        if (!std::regex_search(line, match, include)) continue;
        const std::string target = fs::path(match[1].str()).parent_path().string();
        const bool test_header = folder.starts_with("qemu-tests") && target == "testing";
        if (target != folder && !test_header && !arrows.at(folder).contains(target))
          faults.push_back(file + ": includes " + match[1].str());
      }
    }
  }
  std::sort(faults.begin(), faults.end());
  return faults;
}

}  // namespace

TEST_CASE("every include of the project points down") {
  const fs::path root = LIFEBOAT_SOURCE_DIR;
  const std::vector<std::string> faults = upward_includes(root, read_arrows(root / "testing/arrows.txt"));
  CAPTURE(faults);
  CHECK(faults.empty());
}

TEST_CASE("an upward include and an unlisted folder are found") {
  const fs::path root = fs::temp_directory_path() / ("lifeboat-arrows-" + std::to_string(::getpid()));
  fs::create_directories(root / "builder/base");
  fs::create_directories(root / "builder/odd");
  std::ofstream(root / "builder/base/a.cpp") << "#include \"builder/base/a.hpp\"\n  #include \"builder/cli/cli.hpp\"\n";
  std::ofstream(root / "builder/odd/b.cpp") << "\n";
  const Arrows arrows{{"builder/base", {}}};
  CHECK(upward_includes(root, arrows) ==
        std::vector<std::string>{"builder/base/a.cpp: includes builder/cli/cli.hpp",
                                 "builder/odd/b.cpp: its folder is not in testing/arrows.txt"});
  fs::remove_all(root);
}
