#include "builder/tests/distro/real_file.hpp"

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"

namespace lifeboat {
namespace fs = std::filesystem;

fs::path fetch_real_file(const std::string& package, const fs::path& path) {
  const fs::path place = fs::path(LIFEBOAT_BINARY_DIR) / "tests/real-packages" / package;
  if (!fs::exists(place)) {
    lifeboat::create_directories(place.parent_path());
    const TempDir scratch(place.parent_path(), "package");
    const fs::path made = scratch.path() / "files";
    run_checked(
        {.argv = {"apt-get", "-o", "APT::Sandbox::User=root", "download", package}, .directory = scratch.path()});
    for (const auto& entry : fs::directory_iterator(scratch.path()))
      if (entry.path().extension() == ".deb")
        run_checked({.argv = {"dpkg-deb", "--extract", entry.path().string(), made.string()}});
    replace_directory(made, place);
  }
  return place / path;
}

}  // namespace lifeboat
