#include "qemu-tests/bench_others.hpp"

#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "qemu-tests/harness/process.hpp"

namespace lifeboat::qemu {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;

constexpr seconds patience{600};

Json manifest_of(const fs::path& image) { return Json::parse(read_file(image / "manifest.json")); }

std::string cores() { return std::to_string(std::max(1U, std::thread::hardware_concurrency())); }

/// As the squashfs itself says: "zstd", "19", "262144".
struct Settings {
  std::string compression, level, block_size;
};

Settings settings_of(const fs::path& squashfs) {
  std::istringstream said(run_checked({"unsquashfs", "-stat", squashfs}, patience));
  Settings settings;
  for (std::string line; std::getline(said, line);) {
    const std::string last = line.substr(line.rfind(' ') + 1);
    if (line.starts_with("Compression ")) settings.compression = last;
    if (line.find("compression-level ") != std::string::npos) settings.level = last;
    if (line.starts_with("Block size ")) settings.block_size = last;
  }
  if (settings.compression.empty() || settings.level.empty() || settings.block_size.empty())
    throw Failure("unsquashfs does not tell the settings of " + squashfs.string());
  return settings;
}

std::string file_name(const Json& package) { return fs::path(package.at("path").get<std::string>()).filename(); }

fs::path cached(const fs::path& cache, const std::string& sha256) {
  for (const auto& entry : fs::recursive_directory_iterator(cache / "sha256"))
    if (entry.path().filename() == sha256) return entry.path();
  throw Failure("the cache " + cache.string() + " does not hold " + sha256);
}

/// What the image itself stands in for (an initramfs generator), as a package that only says so.
void make_stand_in_package(const fs::path& folder, const std::string& provided) {
  fs::create_directories(folder / "stand-in/DEBIAN");
  write_file(folder / "stand-in/DEBIAN/control",
             "Package: lifeboat-provided\nVersion: 1\nArchitecture: all\nMaintainer: bench <bench@localhost>\n"
             "Description: stands in\nProvides: " +
                 provided + "\n");
  run_checked({"dpkg-deb", "--build", folder / "stand-in", folder / "repository/lifeboat-provided_1_all.deb"},
              patience);
}

/// The names in `provided = [...]` of the lock, which `lifeboat lock` writes one a line.
std::string provided_by(const fs::path& lock) {
  std::istringstream text(read_file(lock));
  std::string names;
  bool inside = false;
  for (std::string line; std::getline(text, line);) {
    if (inside && line == "]") break;
    if (inside)
      names += (names.empty() ? "" : ", ") + line.substr(line.find('"') + 1, line.rfind('"') - line.find('"') - 1);
    inside = inside || line == "provided = [";
  }
  return names;
}

}  // namespace

void take_root(const fs::path& image, const fs::path& file) {
  const std::string initrd = read_file(image / "initrd.img");
  const std::size_t at = initrd.find("hsqs");
  if (at == std::string::npos) throw Failure((image / "initrd.img").string() + " holds no squashfs");
  write_file(file, initrd.substr(at, manifest_of(image).at("root_size").get<std::size_t>()));
}

PackedAgain::PackedAgain(const fs::path& image, const fs::path& folder) : folder_(folder) {
  fs::create_directories(folder_);
  take_root(image, folder_ / "root.squashfs");
  run_checked({"sh", "-c", "sqfs2tar \"$0\" >\"$1\"", folder_ / "root.squashfs", folder_ / "root.tar"}, patience);
}

Cost PackedAgain::with_tar2sqfs() const {
  const Settings settings = settings_of(folder_ / "root.squashfs");
  return cost_of({"tar2sqfs", "--quiet", "--force", "--no-skip", "--compressor", settings.compression, "--comp-extra",
                  "level=" + settings.level, "--block-size", settings.block_size, "--num-jobs", cores(),
                  folder_ / "again.squashfs"},
                 folder_ / "root.tar");
}

InstalledByApt::InstalledByApt(const fs::path& image, const fs::path& cache, const fs::path& folder) : folder_(folder) {
  fs::create_directories(folder_ / "repository");
  make_stand_in_package(folder_, provided_by(image / "lock.toml"));
  packages_ = "lifeboat-provided";
  const Json manifest = manifest_of(image);
  for (const Json& package : manifest.at("packages")) {
    fs::copy_file(cached(cache, package.at("sha256")), folder_ / "repository" / file_name(package));
    packages_ += "," + package.at("name").get<std::string>();
  }
  run_checked({"sh", "-c", "cd \"$0\" && apt-ftparchive packages . >Packages", folder_ / "repository"}, patience);
}

Cost InstalledByApt::with_mmdebstrap() const {
  fs::remove_all(folder_ / "root");
  return cost_of({"mmdebstrap", "--variant=custom", "--mode=root", "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
                  "--dpkgopt=force-unsafe-io", "--include=" + packages_, "bookworm", folder_ / "root",
                  "deb [trusted=yes] copy:" + (folder_ / "repository").string() + " ./"});
}

Cost InstalledByApt::with_mksquashfs(const fs::path& image) const {
  take_root(image, folder_ / "ours.squashfs");
  const Settings settings = settings_of(folder_ / "ours.squashfs");
  return cost_of({"mksquashfs", folder_ / "root", folder_ / "root.squashfs", "-noappend", "-no-progress", "-quiet",
                  "-comp", settings.compression, "-Xcompression-level", settings.level, "-b", settings.block_size,
                  "-processors", cores()});
}

}  // namespace lifeboat::qemu
