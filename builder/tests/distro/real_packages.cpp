#include "builder/tests/distro/real_packages.hpp"

#include <algorithm>

#include "builder/base/digest.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/distro/debian_rescue_package.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

std::string field(std::string_view stanza, std::string_view name) {
  for (std::string_view line : split_lines(stanza))
    if (line.starts_with(std::string(name) + ":")) return std::string(trim(line.substr(name.size() + 1)));
  return "";
}

/// apt-get with a state of its own: installed is only what the image stands in for.
std::vector<std::string> apt_get(const fs::path& folder, std::vector<std::string> more) {
  std::vector<std::string> argv{"apt-get",
                                "-o",
                                "Dir::State::status=" + (folder / "status").string(),
                                "-o",
                                "APT::Install-Recommends=0",
                                "-o",
                                "APT::Sandbox::User=root"};
  argv.insert(argv.end(), more.begin(), more.end());
  return argv;
}

std::vector<std::string> resolve_with_apt(const fs::path& folder, const std::vector<std::string>& names) {
  std::vector<std::string> arguments{"-s", "install", "?essential"};
  arguments.insert(arguments.end(), names.begin(), names.end());
  const std::string plan = run_checked({.argv = apt_get(folder, arguments)});
  std::vector<std::string> chosen;
  for (std::string_view line : split_lines(plan))
    if (line.starts_with("Inst ")) chosen.emplace_back(split_words(line).at(1));
  std::ranges::sort(chosen);
  return chosen;
}

UnpackedPackage read_package(const fs::path& file, Spool& spool) {
  const std::string control = run_checked({.argv = {"dpkg-deb", "--field", file.string()}});
  const Package package{.name = field(control, "Package"),
                        .version = field(control, "Version"),
                        .architecture = field(control, "Architecture"),
                        .size = fs::file_size(file)};
  return read_deb(file, package, spool);
}

}  // namespace

std::vector<fs::path> fetch_real_packages(const Recipe& recipe) {
  const fs::path folder = fs::path(LIFEBOAT_BINARY_DIR) / "tests/real-packages";
  lifeboat::create_directories(folder);
  replace_file(folder / "status", rescue_package_stanza(recipe));
  std::vector<std::string> names = recipe.packages;
  names.push_back(recipe.kernel.package);
  const std::vector<std::string> chosen = resolve_with_apt(folder, names);
  const std::string list = join(chosen, "\n");
  const fs::path debs = folder / sha256_of(list).substr(0, 16);
  if (!fs::exists(debs / "complete")) {
    lifeboat::create_directories(debs);
    std::vector<std::string> arguments{"download"};
    arguments.insert(arguments.end(), chosen.begin(), chosen.end());
    run_checked({.argv = apt_get(folder, arguments), .directory = debs});
    replace_file(debs / "complete", list);
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(debs))
    if (entry.path().extension() == ".deb") files.push_back(entry.path());
  return files;
}

std::vector<UnpackedPackage> read_real_packages(const std::vector<fs::path>& files, Spool& spool) {
  std::vector<UnpackedPackage> packages;
  packages.reserve(files.size());
  for (const fs::path& file : files) packages.push_back(read_package(file, spool));
  std::ranges::sort(packages, {}, [](const UnpackedPackage& unpacked) { return unpacked.package.name; });
  return packages;
}

}  // namespace lifeboat
