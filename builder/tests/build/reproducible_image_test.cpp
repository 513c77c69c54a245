// The promise for a real image, from the packages that `make images` fetched: two builds whose surroundings have
// nothing in common give the same bytes.
#include <cstdlib>

#include "builder/base/error.hpp"
#include "builder/tests/build/surroundings.hpp"
#include "testing/catch.hpp"

namespace lifeboat::testing {
namespace {
namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

const fs::path source = LIFEBOAT_SOURCE_DIR;

fs::path user_cache() {
  const char* named = std::getenv("LIFEBOAT_CACHE");
  return named != nullptr ? fs::path(named) : fs::path(std::getenv("HOME")) / ".cache/lifeboat";
}

/// Every text in which the image's downloads are named by their digests: the signed Releases, and the manifest of the
/// image that `make images` built.
std::string texts_with_digests() {
  std::string text = read_file(fs::path(LIFEBOAT_BINARY_DIR) / "images/debian-12-cloud-amd64/manifest.json");
  for (const auto& entry : fs::directory_iterator(user_cache() / "notes")) text += read_file(entry.path());
  return text;
}

/// What was fetched for this image, and nothing that a build made of it.
void copy_downloads(const fs::path& to) {
  static const std::string named = texts_with_digests();
  lifeboat::create_directories(to);
  fs::copy(user_cache() / "notes", to / "notes", fs::copy_options::recursive);
  for (const auto& entry : fs::recursive_directory_iterator(user_cache() / "sha256")) {
    if (!entry.is_regular_file() || named.find(entry.path().filename()) == std::string::npos) continue;
    const fs::path copy = to / entry.path().lexically_relative(user_cache());
    lifeboat::create_directories(copy.parent_path());
    fs::copy_file(entry.path(), copy);
  }
}

/// A clone with its own downloads, which everybody may read.
struct Clone {
  TempDir folder{fs::temp_directory_path(), "clone"};
  fs::path output = folder.path() / "out/image";

  Clone() {
    open_to_everybody(folder.path());
    for (const char* each : {"recipes", "overlays"})
      fs::copy(source / each, folder.path() / each, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    copy_downloads(folder.path() / "cache");
  }

  Files files_built(const Surroundings& surroundings) const {
    const Strings argv{program_for_everybody(),
                       "build",
                       folder.path() / "recipes/debian-12-cloud.toml",
                       "--fast",
                       "--offline",
                       "--cache",
                       folder.path() / "cache",
                       "--output",
                       output};
    const Outcome outcome = surroundings.run(argv, folder.path());
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    REQUIRE(faults_of_image(output).empty());
    return files_below(output);
  }
};

}  // namespace

TEST_CASE(
    "two builds of the Debian 12 cloud image give the same bytes, whoever builds it, where, when and in what order") {
  const Clone one, other;
  CHECK(differences(one.files_built(plain_surroundings()), other.files_built(odd_surroundings())) == Strings{});
}

}  // namespace lifeboat::testing
