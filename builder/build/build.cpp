// Open this first: the whole product as one function, one verb a line.
#include "builder/build/build.hpp"

#include <algorithm>

#include "builder/base/digest.hpp"
#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/progress.hpp"
#include "builder/base/text.hpp"
#include "builder/build/inputs.hpp"
#include "builder/build/manifest.hpp"
#include "builder/build/packages.hpp"
#include "builder/distro/distro.hpp"
#include "builder/distro/kernel.hpp"
#include "builder/media/media.hpp"
#include "builder/media/squashfs.hpp"
#include "builder/tree/overlay.hpp"
#include "init/contract/boot_configuration.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

/// What one build works with, from the first step to the last.
struct Build {
  const BuildOptions& options;
  const Recipe& recipe;
  const BuildPlaces& places;
  const Universe& universe;
  const std::vector<Package>& packages;
  const fs::path& scratch;  ///< a folder on the output's file system that goes away with the build
  std::shared_ptr<Spool> spool;
  std::string build_id;
  Progress& progress;
};

constexpr std::string_view scratch_prefix = "lifeboat-build";

/// The whole kernel command line: every console lives, the recipe's own arguments, and the build id by which the init
/// knows its medium. The last console= is the kernel's /dev/console; the serial one, since that is what clouds record.
std::string kernel_arguments(const Build& build) {
  std::string line = "console=tty0 console=ttyS0,115200";
  if (!build.recipe.kernel.arguments.empty()) line += " " + build.recipe.kernel.arguments;
  return line + " lifeboat.build_id=" + build.build_id;
}

/// The same inputs give the same id, on any machine: recipe, exact packages, overlays and init.
std::string make_build_id(const Recipe& recipe, const BuildPlaces& places, const std::vector<Package>& packages,
                          bool fast) {
  Sha256Stream stream;
  stream.update("lifeboat build 1\n" + canonical_text(recipe) + (fast ? "fast\n" : ""));
  for (const Package& package : packages)
    stream.update(package.name + " " + package.version + " " + package.sha256 + "\n");
  stream.update(overlays_digest(places, recipe) + "\n" + sha256_of_file(places.init_binary) + "\n");
  return stream.finish().substr(0, 32);
}

/// Recipe's settings, unless quick compression was asked for.
Recipe::Squashfs squashfs_settings(const Build& build) {
  Recipe::Squashfs settings = build.recipe.squashfs;
  if (build.options.fast) settings = {.compression = "zstd", .level = 3, .block_size = settings.block_size};
  return settings;
}

Tree unpack_packages(const Distribution& distribution, const std::vector<UnpackedPackage>& packages) {
  Tree tree;
  distribution.prepare(tree);
  for (const UnpackedPackage& package : packages) unpack_into(tree, package.members, package.package.name);
  return tree;
}

/// From "packages unpacked" to "root file system as it will be": declared, nothing of the packages is run.
void finish_root(Tree& root, const Build& build, const Distribution& distribution, const KernelFiles& kernel,
                 const FinishInput& input) {
  Progress::Step step(build.progress, "finish");
  distribution.finish(root, input);
  install_init(root, input, build.places.init_binary, contract::init_path);
  for (const std::string& overlay : build.recipe.overlays)
    lay_over(root, build.places.overlays / overlay, *build.spool, input.time);
  root.remove("boot");  // the kernel is a file of the medium; the folder comes back empty
  root.add("boot", directory_node());
  for (const std::string& warning : distribution.warnings(input)) build.progress.note("warning: " + warning);
  step.done("kernel " + kernel.release + ", " + std::to_string(root.nodes().size()) + " files and folders");
}

fs::path make_squashfs(const Tree& root, const Build& build) {
  Progress::Step step(build.progress, "squashfs");
  const fs::path file = build.scratch / "root.squashfs";
  write_squashfs(root, squashfs_settings(build), build.universe.newest, file, step);
  step.done(format_size(fs::file_size(file)) + (build.options.fast ? ", quick compression" : ""));
  return file;
}

contract::BootConfiguration boot_configuration(const Build& build, const KernelFiles& kernel,
                                               const fs::path& squashfs) {
  return {.build_id = build.build_id,
          .name = build.recipe.name,
          .title = build.recipe.title,
          .kernel = kernel.release,
          .root_size = fs::file_size(squashfs),
          .root_sha256 = sha256_of_file(squashfs)};
}

/// Builds everything into `folder`, which takes the place of the output when all is done.
void build_into(const fs::path& folder, const Build& build, const std::vector<UnpackedPackage>& packages) {
  const Distribution& distribution = find_distribution(build.recipe.distribution);
  const FinishInput input{.recipe = build.recipe,
                          .packages = packages,
                          .spool = build.spool,
                          .time = build.universe.newest,
                          .scratch = build.scratch};
  Tree root = unpack_packages(distribution, packages);
  const KernelFiles kernel = find_kernel(root);
  const Content kernel_image = root.find(kernel.image)->content;
  finish_root(root, build, distribution, kernel, input);
  const fs::path squashfs = make_squashfs(root, build);
  const Tree initramfs = make_initramfs_tree(root, kernel, input, build.places.init_binary,
                                             contract::to_text(boot_configuration(build, kernel, squashfs)));

  std::vector<std::string> outputs;
  for (const std::string& name : build.recipe.media) {
    Progress::Step step(build.progress, "media");
    const auto written = find_medium(name).write({.kernel = kernel_image,
                                                  .initramfs = initramfs,
                                                  .squashfs = squashfs,
                                                  .time = build.universe.newest,
                                                  .fast = build.options.fast,
                                                  .folder = folder},
                                                 step);
    outputs.insert(outputs.end(), written.begin(), written.end());
  }
  write_manifest(folder,
                 {.recipe = build.recipe,
                  .universe = build.universe,
                  .packages = build.packages,
                  .build_id = build.build_id,
                  .recipe_digest = sha256_of(canonical_text(build.recipe)),
                  .kernel_release = kernel.release,
                  .kernel_arguments = kernel_arguments(build),
                  .root_size = fs::file_size(squashfs)},
                 outputs);
}

}  // namespace

RecipeVocabulary recipe_vocabulary() {
  RecipeVocabulary known;
  for (const Distribution& distribution : distributions()) known.distributions.emplace_back(distribution.name);
  for (const Medium& medium : media()) known.media.emplace_back(medium.name);
  return known;
}

void build_image(const BuildOptions& options) {
  const Recipe recipe = read_recipe(options.recipe, recipe_vocabulary());
  const BuildPlaces places = find_places(options, recipe);
  const Mirrors mirrors = find_mirrors(options, recipe);
  Cache cache(places.cache);
  const auto downloader = make_curl_downloader();
  const FetchTools tools{.mirrors = mirrors, .cache = cache, .downloader = *downloader, .offline = options.offline};
  Progress progress(options.quiet);

  progress.note("building " + recipe.title + " into " + places.output.string());
  const Universe universe = read_repositories(recipe, tools, progress);
  const std::vector<Package> packages = resolve_packages(recipe, universe, progress);
  fetch_packages(recipe, packages, tools, progress);

  const fs::path parent = places.output.parent_path();
  lifeboat::create_directories(parent);
  remove_stale(parent, scratch_prefix);
  const TempDir scratch(parent, scratch_prefix);
  const Build build{.options = options,
                    .recipe = recipe,
                    .places = places,
                    .universe = universe,
                    .packages = packages,
                    .scratch = scratch.path(),
                    .spool = Spool::create(scratch.path()),
                    .build_id = make_build_id(recipe, places, packages, options.fast),
                    .progress = progress};
  const fs::path made = scratch.path() / "output";
  lifeboat::create_directories(made);
  build_into(made, build, read_packages(packages, cache, *build.spool, progress));
  replace_directory(made, places.output);
  progress.note("build " + build.build_id + " is in " + places.output.string());
}

}  // namespace lifeboat
