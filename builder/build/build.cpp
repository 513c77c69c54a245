// Open this first: the whole product as one function, one verb a line.
#include "builder/build/build.hpp"

#include <algorithm>

#include "builder/base/digest.hpp"
#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/progress.hpp"
#include "builder/base/text.hpp"
#include "builder/build/boot_loaders.hpp"
#include "builder/build/budget.hpp"
#include "builder/build/manifest.hpp"
#include "builder/build/packages.hpp"
#include "builder/build/plan.hpp"
#include "builder/build/reproducible.hpp"
#include "builder/build/sbom.hpp"
#include "builder/build/verify.hpp"
#include "builder/distro/distro.hpp"
#include "builder/distro/kernel.hpp"
#include "builder/media/initramfs.hpp"
#include "builder/media/media.hpp"
#include "init/contract/boot_configuration.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view scratch_prefix = "lifeboat-build";

/// The whole kernel command line: every console lives (hvc0: Xen's and virtio's), the recipe's own arguments, and the
/// build id by which the init knows its medium. The last console= is the kernel's /dev/console; the serial one, since
/// that is what clouds record. rootfstype=ramfs: the kernel unpacks the initrd into a ramfs, not a tmpfs that may fill
/// half of the memory only. edd=off: on a BIOS the kernel would read the first sector of every disk before it starts,
/// and wait for each.
std::string kernel_arguments(const BuildPlan& plan) {
  std::string line = "console=tty0 console=hvc0 console=ttyS0,115200 rootfstype=ramfs edd=off";
  if (!plan.recipe.kernel.arguments.empty()) line += " " + plan.recipe.kernel.arguments;
  return line + " lifeboat.build_id=" + plan.build_id;
}

/// A moving archive drops old versions: what then helps.
std::string hint_if_gone(const BuildOptions& options) {
  if (options.lock.empty())
    return "the mirrors lack what their index lists: run the same command later, or name another: --mirror NAME=URL";
  return "renew the lock: lifeboat lock " + options.recipe.string() + " --output " + options.lock.string() +
         " --update; or name an archive that keeps old packages in the mirrors file: MIRROR-snapshot = URL with {date}";
}

std::vector<Package> missing(std::vector<Package> packages, const Cache& cache) {
  std::erase_if(packages, [&](const Package& package) { return cache.has(package.sha256); });
  return packages;
}

/// The root of an earlier build, or a new one.
RootImage provide_root(const BuildPlan& plan, FetchSetup& fetch, const StepStore& store, const fs::path& scratch,
                       Progress& progress) {
  if (plan.root) {
    Progress::Step(progress, "root").skipped("as before, " + format_size(plan.root->size));
    fetch_packages(plan.lock, missing(plan.lock.boot_packages, fetch.cache()), fetch.tools(),
                   hint_if_gone(plan.options), progress);
    return *plan.root;
  }
  fetch_packages(plan.lock, plan.lock.all_packages(), fetch.tools(), hint_if_gone(plan.options), progress);
  return make_root(plan.root_input(), fetch.cache(), store, scratch, progress);
}

/// The small archive that changes with the init: the init, and what it should find.
fs::path make_init_archive(const BuildPlan& plan, const RootImage& root, const MemoryNeeded& memory,
                           const fs::path& scratch) {
  const auto at_deadline = contract::parse_at_deadline(plan.recipe.at_deadline);  // the recipe's check knows the same
  const contract::BootConfiguration configuration{.build_id = plan.build_id,
                                                  .name = plan.recipe.name,
                                                  .title = plan.recipe.title,
                                                  .kernel = root.kernel_release,
                                                  .root_size = root.size,
                                                  .root_sha256 = root.sha256,
                                                  .verity_offset = root.verity.offset,
                                                  .verity_root_hash = root.verity.root_hash,
                                                  .verity_salt = root.verity.salt,
                                                  .memory_from_medium = memory.from_medium,
                                                  .memory_from_initramfs = memory.from_initramfs,
                                                  .deadline = plan.recipe.deadline,
                                                  .at_deadline = at_deadline.value_or(contract::AtDeadline::stay),
                                                  .random_password = plan.recipe.without_source == "random-password",
                                                  .original_host_keys = plan.recipe.rescue_host_keys == "original",
                                                  .original_network = plan.recipe.network.fallback == "original",
                                                  .network_config = plan.recipe.network.config};
  const auto spool = Spool::create(scratch);
  const Tree tree =
      make_init_tree(read_file(plan.places.init_binary), contract::to_text(configuration), *spool, plan.lock.time());
  fs::path file = scratch / "init.cpio.zst";
  write_initramfs_archive(tree, plan.lock.time(), plan.options.fast, file);
  return file;
}

/// The files of every medium that the recipe names.
std::vector<BuiltMedium> write_media(const BuildPlan& plan, const RootImage& root, const Cache& cache,
                                     const fs::path& scratch, const fs::path& folder, Progress& progress) {
  const MemoryNeeded memory = memory_needed(root, fs::file_size(plan.places.init_binary));
  const std::vector<fs::path> initramfs{root.drivers, make_init_archive(plan, root, memory, scratch)};
  const BootLoaders loaders = unpack_boot_loaders(plan.recipe, plan.lock, cache, scratch / "boot-loaders");
  const std::string arguments = kernel_arguments(plan);
  const MediaInput input{.kernel = root.kernel,
                         .root = root.file,
                         .initramfs = initramfs,
                         .loaders = loaders,
                         .secure_boot = plan.options.secure_boot,
                         .build_id = plan.build_id,
                         .title = plan.recipe.title,
                         .kernel_arguments = arguments,
                         .time = plan.lock.time(),
                         .folder = folder,
                         .scratch = scratch};
  std::vector<BuiltMedium> built;
  for (const std::string& name : plan.recipe.media) {
    Progress::Step step(progress, "media");
    const Medium& medium = find_medium(name);
    const MediumFiles files = medium.write(input, step);
    built.push_back({name, files.names, files.size, memory.of(medium.root, files.size)});
  }
  return built;
}

/// Everything that goes into the output folder.
void write_output(const BuildPlan& plan, const RootImage& root, const Cache& cache, const fs::path& scratch,
                  const fs::path& folder, Progress& progress) {
  const ManifestInput input{.recipe = plan.recipe,
                            .lock = plan.lock,
                            .build_id = plan.build_id,
                            .recipe_digest = sha256_of(canonical_text(plan.recipe)),
                            .kernel_release = root.kernel_release,
                            .kernel_arguments = kernel_arguments(plan),
                            .root_size = root.size,
                            .image_bytes = root.package_bytes,
                            .tools = tool_versions(plan.recipe.media),
                            .media = write_media(plan, root, cache, scratch, folder, progress),
                            .signer = plan.signer,
                            .secure_boot_certificate = plan.secure_boot_certificate};
  check_budget(plan.recipe, input, plan.places.output);
  std::vector<OutputFile> outputs;
  for (const BuiltMedium& medium : input.media)
    for (const std::string& file : medium.files) outputs.push_back({file, "medium"});
  replace_file(folder / "lock.toml", to_text(plan.lock));
  outputs.push_back({"lock.toml", "lock"});
  write_sbom(folder, input, outputs);
  outputs.push_back({"sbom.spdx.json", "sbom"});
  write_manifest(folder, input, outputs);
  if (!plan.options.sign_key.empty()) sign_manifest(folder, plan.options.sign_key);
}

}  // namespace

RecipeVocabulary recipe_vocabulary() {
  RecipeVocabulary known;
  for (const Distribution& distribution : distributions()) known.distributions.emplace_back(distribution.name);
  for (const Medium& medium : media()) known.media.emplace_back(medium.name);
  return known;
}

Recipe read_image_recipe(const fs::path& file, const std::vector<std::string>& media) {
  Recipe recipe = read_recipe(file, recipe_vocabulary());
  if (media.empty()) return recipe;
  recipe.media.clear();
  for (const std::string& name : media) {
    find_medium(name);
    if (std::find(recipe.media.begin(), recipe.media.end(), name) == recipe.media.end()) recipe.media.push_back(name);
  }
  return recipe;
}

void build_image(const BuildOptions& options) {
  Progress progress({.quiet = options.quiet, .json = options.json});
  const Recipe recipe = read_image_recipe(options.recipe, options.media);
  FetchSetup fetch(options, recipe.repositories);
  const StepStore store(fetch.cache(), options.reuse);

  progress.start("building " + recipe.title, {{"title", recipe.title}, {"recipe", options.recipe.string()}});
  const BuildPlan plan = make_plan(options, recipe, fetch, store, progress);
  const fs::path& output = plan.places.output;
  remove_stale(output.parent_path(), scratch_prefix);
  if (!plan.current) {
    lifeboat::create_directories(output.parent_path());
    const TempDir scratch(output.parent_path(), scratch_prefix);
    const fs::path made = scratch.path() / "output";
    lifeboat::create_directories(made);
    const RootImage root = provide_root(plan, fetch, store, scratch.path(), progress);
    for (const std::string& warning : root.warnings) progress.warning(warning);
    write_output(plan, root, fetch.cache(), scratch.path(), made, progress);
    replace_directory(made, output);
    note_output(plan, store);
  }
  if (options.check_reproducible) check_reproducible(plan, fetch.cache(), progress);
  progress.done("build " + plan.build_id + " is in " + output.string() + (plan.current ? " already" : ""),
                {{"build_id", plan.build_id}, {"output", output.string()}});
}

}  // namespace lifeboat
