#include "builder/tests/build/surroundings.hpp"

#include <unistd.h>

#include <cerrno>

#include "builder/base/error.hpp"

namespace lifeboat::testing {
namespace fs = std::filesystem;
namespace {

constexpr unsigned nobody = 65534;

/// Copies, since the folder that the project was built in may be closed to others.
const fs::path& programs() {
  static const TempDir folder = [] {
    TempDir made(fs::temp_directory_path(), "programs");
    for (const char* file : {"bin/lifeboat", "bin/lifeboat-init", "tests/liblifeboat_preload.so"})
      fs::copy_file(fs::path(LIFEBOAT_BINARY_DIR) / file, made.path() / fs::path(file).filename());
    open_to_everybody(made.path());
    return made;
  }();
  return folder.path();
}

void give_to_nobody(const fs::path& path) {
  if (::lchown(path.c_str(), nobody, nobody) != 0) throw system_error("giving away " + path.string(), errno);
}

void give_all_to_nobody(const fs::path& folder) {
  give_to_nobody(folder);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) give_to_nobody(entry.path());
}

void append(std::vector<std::string>& argv, const std::vector<std::string>& more) {
  argv.insert(argv.end(), more.begin(), more.end());
}

}  // namespace

fs::path program_for_everybody() { return programs() / "lifeboat"; }
fs::path init_for_everybody() { return programs() / "lifeboat-init"; }

void open_to_everybody(const fs::path& folder) {
  fs::permissions(folder, fs::perms{0755});
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_symlink()) continue;
    const bool enter = (entry.status().permissions() & fs::perms::owner_exec) != fs::perms::none;
    fs::permissions(entry.path(), fs::perms{enter ? 0755U : 0644U});
  }
}

Outcome Surroundings::run(const std::vector<std::string>& argv, const fs::path& folder) const {
  std::vector<std::string> all;
  if (one_core) append(all, {"taskset", "-c", "0"});
  if (as_nobody && ::geteuid() == 0) {
    give_all_to_nobody(folder);
    append(all, {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  }
  append(all, {"sh", "-c", "umask \"$0\" && exec \"$@\"", umask});
  append(all, argv);
  Environment variables = preloaded(environment, programs() / "liblifeboat_preload.so");
  variables["HOME"] = folder;
  variables["TMPDIR"] = folder;
  return lifeboat::run({.argv = all, .environment = variables, .directory = folder});
}

Surroundings plain_surroundings() {
  return {.umask = "0077",
          .environment = {{"TZ", "UTC"}, {"LC_ALL", "C.UTF-8"}, {"LIFEBOAT_FOLDER_ORDER", "forwards"}}};
}

Surroundings odd_surroundings() {
  return {.as_nobody = true,
          .one_core = true,
          .umask = "0000",
          .environment = {{"TZ", "XXX-14"},
                          {"LC_ALL", "tr_TR.UTF-8"},
                          {"LANG", "tr_TR.UTF-8"},
                          {"SOURCE_DATE_EPOCH", "1"},
                          {"LIFEBOAT_CLOCK_OFFSET", "34560000"},
                          {"LIFEBOAT_FOLDER_ORDER", "backwards"}}};
}

}  // namespace lifeboat::testing
