// The long part of a build: from verified packages to a squashfs and the drivers' archive. Only the packages, the
// overlays and the recipe decide it, so a build that has them all unchanged takes what the last one made.
#include "builder/build/root.hpp"

#include <fcntl.h>

#include <future>
#include <unordered_set>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/text.hpp"
#include "builder/build/packages.hpp"
#include "builder/build/root_facts.hpp"
#include "builder/distro/distro.hpp"
#include "builder/distro/kernel.hpp"
#include "builder/distro/sshd_closure.hpp"
#include "builder/media/initramfs.hpp"
#include "builder/media/squashfs.hpp"
#include "builder/tree/overlay.hpp"
#include "init/contract/boot_configuration.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view root_step = "root";

/// Recipe's settings, unless quick compression was asked for.
Recipe::Squashfs squashfs_settings(const RootInput& input) {
  Recipe::Squashfs settings = input.recipe.squashfs;
  if (input.fast) settings = {.compression = "zstd", .level = 3, .block_size = settings.block_size};
  return settings;
}

Tree unpack_packages(const Distribution& distribution, const std::vector<UnpackedPackage>& packages) {
  Tree tree;
  distribution.prepare(tree);
  for (const UnpackedPackage& package : packages) unpack_into(tree, package.members, package.package.name);
  return tree;
}

/// From "packages unpacked" to "root file system as it will be": declared, nothing of the packages is run.
void finish_root(Tree& root, const RootInput& input, const Distribution& distribution, const FinishInput& finish) {
  distribution.finish(root, finish);
  link_to_init(root, finish, contract::init_path);
  for (const std::string& overlay : input.recipe.overlays)
    lay_over(root, input.overlays / overlay, *finish.spool, finish.time);
  root.remove("boot");  // the kernel is a file of the medium; the folder comes back empty
  root.add("boot", directory_node());
}

/// Which package brought each regular file; where two did, the one that was unpacked last.
std::map<TreePath, std::string> owners_of(const Tree& root, const std::vector<UnpackedPackage>& packages) {
  std::map<TreePath, std::string> owners;
  for (const UnpackedPackage& package : packages)
    for (const ArchiveMember& member : package.members)
      if (root.find(member.path) != nullptr) owners[root.resolve(member.path)] = package.package.name;
  return owners;
}

std::map<std::string, std::uint64_t> bytes_by_package(const Tree& root, const std::vector<UnpackedPackage>& packages) {
  const std::map<TreePath, std::string> owners = owners_of(root, packages);
  std::map<std::string, std::uint64_t> bytes;
  std::unordered_set<const Node*> seen;  // a file with two names counts once
  for (const auto& [path, node] : root.nodes()) {
    if (node->type != NodeType::regular || !seen.insert(node.get()).second) continue;
    const auto owner = owners.find(path);
    bytes[owner == owners.end() ? "" : owner->second] += node->content.size;
  }
  return bytes;
}

std::uint64_t content_bytes(const Tree& tree) {
  std::uint64_t bytes = 0;
  for (const auto& [path, node] : tree.nodes()) bytes += node->content.size;
  return bytes;
}

void copy_kernel(const Content& kernel, const fs::path& file) {
  const Fd out = open_file(file, O_WRONLY | O_CREAT | O_EXCL, 0644);
  kernel.copy_to([&](std::string_view bytes) { write_all(out, bytes, file.string()); });
}

/// The squashfs keeps all cores busy for most of the build; the drivers' archive is made beside it.
void compress(const Tree& root, const KernelFiles& kernel, const RootInput& input, const FinishInput& finish,
              RootImage& image, Progress& progress) {
  Progress::Step step(progress, "squashfs");
  auto drivers = std::async(std::launch::async, [&] {
    const Tree tree = make_drivers_tree(root, kernel, finish);
    write_initramfs_archive(tree, finish.time, input.fast, image.drivers);
    return content_bytes(tree);
  });
  write_squashfs(root, squashfs_settings(input), finish.time, image.file, step);
  image.verity = append_verity(image.file);
  image.drivers_unpacked = drivers.get();
  image.size = fs::file_size(image.file);
  image.sha256 = sha256_of_file(image.file);
  step.done(format_size(image.size) + " and drivers " + format_size(fs::file_size(image.drivers)) +
            (input.fast ? ", quick compression" : ""));
}

/// The tree of all packages, and what of it becomes files.
RootImage make_root_in(const fs::path& folder, const RootInput& input, const std::vector<UnpackedPackage>& packages,
                       const std::shared_ptr<Spool>& spool, const fs::path& scratch, Progress& progress) {
  const Distribution& distribution = find_distribution(input.recipe.distribution);
  const FinishInput finish{
      .recipe = input.recipe, .packages = packages, .spool = spool, .time = input.lock.time(), .scratch = scratch};
  RootImage image = root_files(folder);
  Progress::Step step(progress, "finish");
  Tree root = unpack_packages(distribution, packages);
  const KernelFiles kernel = find_kernel(root);
  image.kernel_release = kernel.release;
  copy_kernel(root.find(kernel.image)->content, image.kernel);
  finish_root(root, input, distribution, finish);
  check_sshd_closure(root);
  image.warnings = distribution.warnings(finish);
  image.package_bytes = bytes_by_package(root, packages);
  step.done("kernel " + kernel.release + ", " + std::to_string(root.nodes().size()) + " files and folders");
  compress(root, kernel, input, finish, image, progress);
  return image;
}

}  // namespace

Sha256 root_key(const RootInput& input) {
  Sha256Stream stream;
  stream.update(builder_identity() + canonical_root_text(input.recipe) + (input.fast ? "fast\n" : "") +
                input.overlays_digest + "\n" + std::to_string(input.lock.time()) + "\n");
  for (const Package& package : input.lock.packages)
    stream.update(package.name + " " + package.version + " " + package.sha256 + "\n");
  return stream.finish();
}

std::optional<RootImage> find_root(const StepStore& store, const Sha256& key) {
  const auto folder = store.find(root_step, key);
  return folder ? read_root(*folder) : std::nullopt;
}

RootImage make_root(const RootInput& input, const Cache& cache, const StepStore& store, const fs::path& scratch,
                    Progress& progress) {
  const auto spool = Spool::create(scratch);
  const std::vector<UnpackedPackage> packages = read_packages(input.lock, cache, *spool, progress);
  RootImage image;
  const fs::path place = store.keep(root_step, root_key(input), [&](const fs::path& folder) {
    image = make_root_in(folder, input, packages, spool, scratch, progress);
    write_root_facts(folder, image);
  });
  const RootImage moved = root_files(place);
  image.file = moved.file;
  image.kernel = moved.kernel;
  image.drivers = moved.drivers;
  return image;
}

}  // namespace lifeboat
