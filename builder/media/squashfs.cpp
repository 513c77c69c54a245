#include "builder/media/squashfs.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <unordered_set>

#include "builder/base/error.hpp"
#include "builder/base/run.hpp"
#include "builder/media/squashfs_listing.hpp"
#include "builder/tree/write.hpp"

namespace lifeboat {
namespace {

constexpr std::chrono::seconds longest_packing{7200};  // xz on one slow core

/// `--no-skip`: what tar2sqfs cannot take ends the build. The defaults give the root and the superblock their time.
Command writer(const Recipe::Squashfs& settings, std::int64_t time, const std::filesystem::path& file) {
  const unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  const std::int64_t clamped = clamp_time(time, time);
  return {.argv = {"tar2sqfs", "--quiet", "--force", "--no-skip", "--compressor", settings.compression, "--comp-extra",
                   "level=" + std::to_string(settings.level), "--block-size", std::to_string(settings.block_size),
                   "--num-jobs", std::to_string(jobs), "--defaults",
                   "uid=0,gid=0,mode=0755,mtime=" + std::to_string(clamped), file.string()},
          .needed_for = "writing the squashfs",
          .timeout = longest_packing};
}

std::uint64_t bytes_of(const Tree& tree) {
  std::unordered_set<const Node*> seen;
  std::uint64_t bytes = 0;
  for (const auto& [path, node] : tree.nodes())
    if (seen.insert(node.get()).second) bytes += node->content.size;
  return bytes;
}

/// The queues keep unsquashfs at some 60 MiB of memory; it would take 512 MiB by itself.
void read_back(const Tree& tree, std::int64_t time, const std::filesystem::path& file) {
  SquashfsListing listing(tree, time);
  run_reading({.argv = {"unsquashfs", "-quiet", "-no-progress", "-data-queue", "16", "-frag-queue", "16",
                        "-pseudo-file", "/dev/stdout", file.string()},
               .needed_for = "checking the squashfs",
               .timeout = longest_packing},
              [&](std::string_view bytes) { listing.feed(bytes); });
  listing.finish();
}

}  // namespace

void write_squashfs(const Tree& tree, const Recipe::Squashfs& settings, std::int64_t time,
                    const std::filesystem::path& file, Progress::Step& step) {
  with_context("writing " + file.string(), [&] {
    const std::uint64_t total = bytes_of(tree);
    std::uint64_t written = 0;
    Pipe pipe(writer(settings, time, file));
    write_tar(tree, time, [&](std::string_view bytes) {
      pipe.write(bytes);
      written += bytes.size();
      step.update(std::min(written, total), total);
    });
    pipe.finish();
  });
  with_context("checking " + file.string(), [&] { read_back(tree, time, file); });
}

}  // namespace lifeboat
