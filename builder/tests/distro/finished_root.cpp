#include "builder/tests/distro/finished_root.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/tests/distro/real_packages.hpp"
#include "builder/tree/overlay.hpp"
#include "builder/tree/write.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t build_time = 1'750'000'000;

FinishedImage make_image() {
  const fs::path source = LIFEBOAT_SOURCE_DIR;
  FinishedImage image{.recipe = read_recipe(source / "recipes/debian-12.toml"),
                      .spool = Spool::create(LIFEBOAT_BINARY_DIR),
                      .packages = {},
                      .tree = {},
                      .kernel = {}};
  image.packages = read_real_packages(fetch_real_packages(image.recipe), *image.spool);
  const Distribution& distribution = find_distribution(image.recipe.distribution);
  distribution.prepare(image.tree);
  for (const UnpackedPackage& unpacked : image.packages)
    unpack_into(image.tree, unpacked.members, unpacked.package.name);
  const TempDir scratch(LIFEBOAT_BINARY_DIR, "finish");
  distribution.finish(image.tree, image.input(scratch.path()));
  for (const std::string& name : image.recipe.overlays)
    lay_over(image.tree, source / "overlays" / name, *image.spool, build_time);
  image.kernel = find_kernel(image.tree);
  return image;
}

void make_device(const fs::path& path, unsigned major, unsigned minor) {
  if (::mknod(path.c_str(), S_IFCHR | 0666, makedev(major, minor)) != 0 && errno != EEXIST)
    throw system_error("making " + path.string(), errno);
}

}  // namespace

FinishInput FinishedImage::input(const fs::path& scratch) const {
  return {.recipe = recipe, .packages = packages, .spool = spool, .time = build_time, .scratch = scratch};
}

const FinishedImage& finished_image() {
  static const FinishedImage image = make_image();
  return image;
}

ExtractedRoot::ExtractedRoot() {
  TempDir folder(LIFEBOAT_BINARY_DIR, "root");
  Pipe tar({.argv = {"tar", "--extract", "--preserve-permissions", "--numeric-owner", "--xattrs", "--xattrs-include=*",
                     "--directory", folder.path().string()}});
  write_tar(finished_image().tree, build_time, [&](std::string_view bytes) { tar.write(bytes); });
  tar.finish();
  make_device(folder.path() / "dev/null", 1, 3);
  make_device(folder.path() / "dev/urandom", 1, 9);
  path_ = folder.path();
  folder.keep();
}

ExtractedRoot::~ExtractedRoot() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Outcome ExtractedRoot::sh(const std::string& command) const {
  return run({.argv = {"chroot", path_.string(), "/bin/sh", "-c", command}});
}

Outcome ExtractedRoot::sh_with_proc(const std::string& command) const {
  return run({.argv = {"unshare", "--mount", "--pid", "--fork", "--mount-proc=" + (path_ / "proc").string(), "chroot",
                       path_.string(), "/bin/sh", "-c", command}});
}

const ExtractedRoot& shared_root() {
  static const ExtractedRoot root;
  return root;
}

}  // namespace lifeboat
