#pragma once
// A whole Debian-like archive in miniature and a folder to build its image in: `lifeboat build` as a person runs it, in
// a second and without a network. What finishing a Debian tree insists on is in the packages, nothing of it can boot.
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/tests/fetch/signed_repository.hpp"

namespace lifeboat::testing {

/// A handful of tiny packages: `hello` (needs `libhello1`, has a conffile), `base-passwd`, `busybox-static` (a
/// stand-in) and `linux-image-test` (a kernel of noise, five modules). Published from the start.
class SmallArchive {
 public:
  static constexpr std::int64_t first_date = 1'700'000'000;  ///< of the Release: 2023-11-14 22:13:20 UTC

  SmallArchive();

  std::filesystem::path root() const { return repository_.root(); }
  /// Of the mirror: "file:///...". An HttpServer on root() serves the same.
  std::string url() const { return repository_.url(); }
  /// The recipe of its image: mirror "test", own keyring and fingerprint, overlay "small", quick compression.
  std::string recipe() const;

  /// Another package, or another version beside the one that is there. Seen from the next publish() on.
  void add(const TestPackage& package) { repository_.add(package); }
  /// Every version.
  void remove(const std::string& name);
  void publish(std::int64_t date = first_date) { repository_.publish({.date = date}); }

 private:
  SignedRepository repository_;
};

/// The packages as the archive has them at first, for upgrades: change version, files or fields, add(), publish().
TestPackage small_kernel(const std::string& release = "6.1.0-1-test");
TestPackage small_library(const std::string& version = "1.0");
TestPackage small_program(const std::string& version = "1.0");

/// Made once per test program, for all tests that leave it as it is. Making one takes half a second.
const SmallArchive& small_archive();

/// Bytes that nothing compresses, the same for the same seed.
std::string noise(std::size_t size, std::uint32_t seed);

using Environment = std::map<std::string, std::string>;

std::filesystem::path preload_library();
/// The settings, for a program that is run with the preload library: preload/*.cpp say what there is to set.
Environment preloaded(Environment settings, const std::filesystem::path& library = preload_library());

/// A folder for one test: recipes/small.toml, overlays/small/, init, out/, cache/. Init is a stand-in as well.
struct Workshop {
  explicit Workshop(const SmallArchive& archive = small_archive()) : Workshop(archive, archive.url()) {}
  /// For an archive that is served, or not served, in another way.
  Workshop(const SmallArchive& archive, std::string mirror_url);

  TempDir folder{std::filesystem::temp_directory_path(), "small-build"};
  std::string mirror;
  std::filesystem::path program;
  std::filesystem::path recipe = folder.path() / "recipes/small.toml";
  std::filesystem::path overlays = folder.path() / "overlays";
  std::filesystem::path init = folder.path() / "init";
  std::filesystem::path output = folder.path() / "out/image";
  std::filesystem::path cache = folder.path() / "cache";

  void change_recipe(const std::string& from, const std::string& to) const;
  /// The argv of `lifeboat build`, with `more` at its end.
  std::vector<std::string> build_command(const std::vector<std::string>& more = {}) const;
  Outcome build(const std::vector<std::string>& more = {}, const Environment& environment = {}) const {
    return run({.argv = build_command(more), .environment = environment});
  }
  /// What lies beside the output, sorted: a build leaves nothing there.
  std::vector<std::string> beside_output() const;
};

/// Every file below a folder: relative path -> SHA-256. Equal maps mean equal bytes.
using Files = std::map<std::string, std::string>;
Files files_below(const std::filesystem::path& folder);

/// The paths that only one of them has, or that have other bytes.
std::vector<std::string> differences(const Files& one, const Files& other);

/// What keeps the folder from being a complete image: one sentence for each file that the manifest names and that is
/// missing or has other bytes, and for each that it does not name. Empty: it is one.
std::vector<std::string> faults_of_image(const std::filesystem::path& folder);

}  // namespace lifeboat::testing
