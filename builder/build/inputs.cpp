#include "builder/build/inputs.hpp"

#include <algorithm>

#include "builder/base/digest.hpp"
#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/text.hpp"
#include "builder/fetch/cache.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

fs::path first_existing(const std::vector<fs::path>& candidates, std::string_view what, std::string hint) {
  std::string tried;
  for (const fs::path& candidate : candidates) {
    if (fs::exists(candidate)) return candidate;
    tried += (tried.empty() ? "" : ", ") + candidate.string();
  }
  throw Error("finding " + std::string(what) + ": not at " + tried, std::move(hint));
}

fs::path find_init(const BuildOptions& options) {
  std::vector<fs::path> candidates{fs::read_symlink("/proc/self/exe").parent_path() / "lifeboat-init",
                                   "/usr/lib/lifeboat/lifeboat-init"};
  if (!options.init_binary.empty()) candidates = {options.init_binary};
  return first_existing(candidates, "the init", "build it (`make build`), or name it: --init FILE");
}

fs::path find_overlays(const BuildOptions& options) {
  const fs::path beside = fs::absolute(options.recipe).parent_path().parent_path() / "overlays";
  std::vector<fs::path> candidates{beside, "/usr/share/lifeboat/overlays"};
  if (!options.overlays.empty()) candidates = {options.overlays};
  return first_existing(candidates, "the overlays", "name their folder: --overlays DIR");
}

void add_list(std::string& text, std::string_view key, const std::vector<std::string>& values) {
  for (const std::string& value : values) text += std::string(key) + "=" + value + "\n";
}

void add_repository(std::string& text, const Recipe::Repository& repository) {
  text += "repository=" + repository.name + " " + repository.mirror + " " + repository.suite + "\n";
  add_list(text, "component", repository.components);
  add_list(text, "fingerprint", repository.fingerprints);
}

void add_kernel(std::string& text, const Recipe::Kernel& kernel) {
  text += "kernel=" + kernel.package + "\narguments=" + kernel.arguments + "\n";
  for (const std::string& group : kernel.groups) add_list(text, "group " + group, kernel.module_groups.at(group));
  add_list(text, "required_module", kernel.required_modules);
  add_list(text, "initramfs_module", kernel.initramfs_modules);
}

void add_overlay_entry(Sha256Stream& stream, const fs::directory_entry& entry, const fs::path& folder) {
  stream.update(fs::relative(entry.path(), folder).string() + '\0');
  if (entry.is_symlink()) {
    stream.update("link " + fs::read_symlink(entry.path()).string() + '\0');
  } else if (entry.is_regular_file()) {
    const bool executable = (entry.status().permissions() & fs::perms::owner_exec) != fs::perms::none;
    stream.update((executable ? "x " : "- ") + sha256_of_file(entry.path()) + '\0');
  }
}

Mirrors find_mirrors(const FetchOptions& options, const std::vector<Recipe::Repository>& repositories) {
  Mirrors mirrors;
  for (const std::string& mirror : options.mirrors) mirrors.add(mirror);
  if (!options.mirrors_file.empty()) mirrors.add_file(options.mirrors_file);
  for (const Recipe::Repository& repository : repositories)
    mirrors.add_apt_sources("/etc/apt", repository.mirror, repository.suite);
  return mirrors;
}

}  // namespace

BuildPlaces find_places(const BuildOptions& options, const Recipe& recipe) {
  BuildPlaces places;
  places.output = options.output.empty() ? fs::path("out") / (recipe.name + "-" + recipe.architecture) : options.output;
  places.output = fs::absolute(places.output).lexically_normal();
  if (!places.output.has_filename()) places.output = places.output.parent_path();
  places.init_binary = find_init(options);
  places.overlays = find_overlays(options);
  return places;
}

FetchSetup::FetchSetup(const FetchOptions& options, const std::vector<Recipe::Repository>& repositories)
    : cache_(options.cache.empty() ? Cache::default_folder() : fs::absolute(options.cache)),
      mirrors_(find_mirrors(options, repositories)),
      downloader_(make_curl_downloader()),
      offline_(options.offline) {}

std::string canonical_root_text(const Recipe& recipe) {
  std::string text = "name=" + recipe.name + "\ntitle=" + recipe.title + "\ndistribution=" + recipe.distribution +
                     "\narchitecture=" + recipe.architecture + "\n";
  for (const auto& repository : recipe.repositories) add_repository(text, repository);
  add_list(text, "package", recipe.packages);
  add_list(text, "provided", recipe.provided);
  add_list(text, "without", recipe.without);
  for (const auto& [name, target] : recipe.alternatives) text += "alternative=" + name + " " + target + "\n";
  add_list(text, "remove", recipe.remove);
  add_list(text, "overlay", recipe.overlays);
  add_kernel(text, recipe.kernel);
  text += "squashfs=" + recipe.squashfs.compression + " " + std::to_string(recipe.squashfs.level) + " " +
          std::to_string(recipe.squashfs.block_size) + "\n";
  return text;
}

std::string canonical_text(const Recipe& recipe) {
  std::string text = canonical_root_text(recipe);
  add_list(text, "medium", recipe.media);
  text += "deadline=" + recipe.deadline + "\nat_deadline=" + recipe.at_deadline +
          "\nwithout_source=" + recipe.without_source + "\nrescue_host_keys=" + recipe.rescue_host_keys + "\n";
  if (!recipe.network.config.empty()) text += "network_config=" + sha256_of(recipe.network.config) + "\n";
  if (recipe.network.fallback != "none") text += "network_fallback=" + recipe.network.fallback + "\n";
  return text;
}

std::string overlays_digest(const BuildPlaces& places, const Recipe& recipe) {
  Sha256Stream stream;
  for (const std::string& name : recipe.overlays) {
    const fs::path folder = places.overlays / name;
    if (!fs::exists(folder)) continue;
    std::vector<fs::directory_entry> entries;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) entries.push_back(entry);
    std::sort(entries.begin(), entries.end());
    for (const auto& entry : entries) add_overlay_entry(stream, entry, folder);
  }
  return stream.finish();
}

}  // namespace lifeboat
