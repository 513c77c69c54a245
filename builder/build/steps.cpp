#include "builder/build/steps.hpp"

#include <chrono>
#include <system_error>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/media/media.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::hours life{24 * 14};
constexpr std::string_view scratch_prefix = "step";

void sweep(const fs::path& folder) {
  std::error_code ignored;
  const auto oldest = fs::file_time_type::clock::now() - life;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const auto used = entry.last_write_time(ignored);
    if (!ignored && used < oldest) fs::remove_all(entry.path(), ignored);
  }
}

/// "tar2sqfs (squashfs-tools-ng) 1.2.0": the first line of what a tool says of itself.
std::string version_of(const std::string& program, const std::string& needed_for) {
  const bool is_e2fsprogs = program == "debugfs" || program == "mke2fs";
  const Outcome said = run({.argv = {program, is_e2fsprogs ? "-V" : "--version"}, .needed_for = needed_for});
  const std::string& text = is_e2fsprogs ? said.err : said.out;
  const auto lines = split_lines(text);
  return lines.empty() ? "" : std::string(trim(lines.front()));
}

/// Of what shapes the root.
std::map<std::string, std::string> root_tool_versions() {
  return {{"lifeboat", LIFEBOAT_VERSION},
          {"tar2sqfs", version_of("tar2sqfs", "writing the squashfs")},
          {"veritysetup", version_of("veritysetup", "writing the root image's checksums")},
          {"depmod", version_of("depmod", "indexing the kernel's modules")},
          {"zstd", version_of("zstd", "compressing the initramfs")}};
}

}  // namespace

StepStore::StepStore(const Cache& cache, bool reuse) : folder_(cache.folder() / "steps"), reuse_(reuse) {
  lifeboat::create_directories(folder_);
  remove_stale(folder_, scratch_prefix);
  sweep(folder_);
}

fs::path StepStore::place_of(std::string_view name, const Sha256& key) const {
  return folder_ / (std::string(name) + "-" + key);
}

std::optional<fs::path> StepStore::find(std::string_view name, const Sha256& key) const {
  const fs::path place = place_of(name, key);
  std::error_code error;
  if (!reuse_ || !fs::is_directory(place, error)) return std::nullopt;
  fs::last_write_time(place, fs::file_time_type::clock::now(), error);  // in use: sweep() leaves it alone
  return place;
}

fs::path StepStore::keep(std::string_view name, const Sha256& key,
                         const std::function<void(const fs::path&)>& make) const {
  const TempDir scratch(folder_, scratch_prefix);
  const fs::path made = scratch.path() / "result";
  lifeboat::create_directories(made);
  make(made);
  const fs::path place = place_of(name, key);
  replace_directory(made, place);
  return place;
}

std::string builder_identity() {
  std::string text = sha256_of_file("/proc/self/exe") + "\n";
  for (const auto& [name, version] : root_tool_versions()) text += name + " " + version + "\n";
  return text;
}

std::map<std::string, std::string> tool_versions(const std::vector<std::string>& media) {
  std::map<std::string, std::string> versions = root_tool_versions();
  for (const std::string& name : media)
    for (const std::string_view tool : find_medium(name).tools)
      if (!versions.contains(std::string(tool)))
        versions[std::string(tool)] = version_of(std::string(tool), "the medium " + name);
  return versions;
}

}  // namespace lifeboat
