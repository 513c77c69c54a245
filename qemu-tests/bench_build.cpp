#include "qemu-tests/bench_build.hpp"

#include <unistd.h>

#include <algorithm>

#include "qemu-tests/bench_figures.hpp"
#include "qemu-tests/bench_others.hpp"
#include "qemu-tests/harness/process.hpp"

namespace lifeboat::qemu {
namespace fs = std::filesystem;
namespace {

constexpr int build_rounds = 3;
const std::string lifeboat = LIFEBOAT_BINARY_DIR "/bin/lifeboat";
const fs::path recipe = LIFEBOAT_SOURCE_DIR "/recipes/debian-12.toml";
const fs::path init = LIFEBOAT_BINARY_DIR "/bin/lifeboat-init";

// What Lifeboat promises for this recipe on a machine with two cores.
constexpr double unchanged_limit = 1, init_limit = 5, lock_limit = 2;  // seconds
constexpr double lock_memory_limit = 400, build_memory_limit = 1024;   // MiB
constexpr double most_over_compressor = 1.25;                          // a full build beside tar2sqfs alone
constexpr double least_under_mmdebstrap = 3;                           // mmdebstrap + mksquashfs beside a full build

Cost build(const fs::path& folder, const std::vector<std::string>& more, const std::string& output = "image") {
  std::vector<std::string> argv{lifeboat,   "build",         recipe,    "--quiet",
                                "--output", folder / output, "--cache", folder / "cache"};
  argv.insert(argv.end(), more.begin(), more.end());
  return cost_of(argv);
}

/// All that one round of the comparison costs, side by side.
struct Rounds {
  std::vector<double> build, build_memory, tar2sqfs, mmdebstrap, mksquashfs;
  std::vector<double> fast_build, fast_mksquashfs;  ///< with the settings of --fast
};

void do_round(const fs::path& folder, const PackedAgain& packed, const InstalledByApt* installed, Rounds& all) {
  const Cost ours = build(folder, {"--offline", "--no-reuse"});
  all.build.push_back(ours.seconds);
  all.build_memory.push_back(ours.peak_mib);
  all.tar2sqfs.push_back(packed.with_tar2sqfs().seconds);
  all.fast_build.push_back(build(folder, {"--offline", "--no-reuse", "--fast"}, "fast").seconds);
  if (installed == nullptr) return;
  all.mmdebstrap.push_back(installed->with_mmdebstrap().seconds);
  all.mksquashfs.push_back(installed->with_mksquashfs(folder / "image").seconds);
  all.fast_mksquashfs.push_back(installed->with_mksquashfs(folder / "fast").seconds);
}

/// One kind of build beside the usual way with the same settings.
void print_beside_mmdebstrap(const std::string& what, const std::vector<double>& build,
                             const std::vector<double>& mmdebstrap, const std::vector<double>& mksquashfs) {
  const double theirs = median(mmdebstrap) + median(mksquashfs);
  print_row({.what = what + ": mksquashfs after mmdebstrap", .value = median(mksquashfs), .unit = "s"});
  print_row({.what = what + ": lifeboat build beside both",
             .value = median(build),
             .unit = "s",
             .other = theirs,
             .other_name = "mmdebstrap + mksquashfs",
             .limit = theirs / least_under_mmdebstrap});
}

void print_rounds(const Rounds& all) {
  const double ours = median(all.build);
  print_title("every step again from a warm cache, median of " + std::to_string(build_rounds) + " rounds side by side");
  print_row({.what = "lifeboat build --no-reuse", .value = ours, .unit = "s"});
  print_row({.what = "tar2sqfs alone: the same tree and settings", .value = median(all.tar2sqfs), .unit = "s"});
  print_row({.what = "  the build beside it",
             .value = ours,
             .unit = "s",
             .other = median(all.tar2sqfs),
             .other_name = "tar2sqfs",
             .limit = most_over_compressor * median(all.tar2sqfs)});
  print_row({.what = "lifeboat build --no-reuse --fast", .value = median(all.fast_build), .unit = "s"});
  if (all.mmdebstrap.empty()) return;
  print_row({.what = "mmdebstrap: the same packages", .value = median(all.mmdebstrap), .unit = "s"});
  print_beside_mmdebstrap("recipe's settings", all.build, all.mmdebstrap, all.mksquashfs);
  print_beside_mmdebstrap("--fast's settings", all.fast_build, all.mmdebstrap, all.fast_mksquashfs);
}

void compare_with_others(const fs::path& folder) {
  const PackedAgain packed(folder / "image", folder / "packed-again");
  const InstalledByApt installed(folder / "image", folder / "cache", folder / "installed");
  const bool root = ::geteuid() == 0;
  if (!root) print_title("(mmdebstrap beside it: left out, it needs root)");
  Rounds all;
  for (int round = 0; round < build_rounds; ++round) do_round(folder, packed, root ? &installed : nullptr, all);
  print_rounds(all);
  print_row({.what = "memory of a full build, with all that it starts",
             .value = *std::max_element(all.build_memory.begin(), all.build_memory.end()),
             .unit = "MiB",
             .limit = build_memory_limit});
}

void measure_changes(const fs::path& folder) {
  print_title("what a change costs");
  build(folder, {"--offline"});
  print_row({.what = "nothing changed",
             .value = build(folder, {"--offline"}).seconds,
             .unit = "s",
             .limit = unchanged_limit});
  write_file(folder / "init", read_file(init) + "x");
  fs::permissions(folder / "init", fs::perms::owner_all);
  print_row({.what = "the init changed",
             .value = build(folder, {"--offline", "--init", folder / "init"}).seconds,
             .unit = "s",
             .limit = init_limit});
}

void measure_lock(const fs::path& folder) {
  fs::remove_all(folder / "cache/steps");  // else what an earlier build has chosen would be taken
  const Cost cost = cost_of({lifeboat, "lock", recipe, "--quiet", "--offline", "--cache", folder / "cache", "--output",
                             folder / "bench.lock"});
  print_title("lifeboat lock: resolving over the whole index of Debian");
  print_row({.what = "time", .value = cost.seconds, .unit = "s", .limit = lock_limit});
  print_row({.what = "memory", .value = cost.peak_mib, .unit = "MiB", .limit = lock_memory_limit});
}

double size_of(const fs::path& file) { return static_cast<double>(fs::file_size(file)) / mebibyte; }

void print_sizes(const fs::path& folder) {
  print_title("sizes");
  print_row({.what = "vmlinuz", .value = size_of(folder / "image/vmlinuz"), .unit = "MiB"});
  print_row({.what = "initrd.img (the root inside)", .value = size_of(folder / "image/initrd.img"), .unit = "MiB"});
  print_row({.what = "lifeboat-init", .value = size_of(init), .unit = "MiB"});
}

}  // namespace

void measure_builds(const fs::path& folder) {
  print_title("build of debian-12 (generic kernel)");
  print_row({.what = "cold: empty cache, everything fetched", .value = build(folder, {}).seconds, .unit = "s"});
  print_sizes(folder);
  measure_lock(folder);
  measure_changes(folder);
  compare_with_others(folder);
}

}  // namespace lifeboat::qemu
